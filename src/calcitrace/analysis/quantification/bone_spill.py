"""Signal that the blur carries from bone into its neighbourhood.

The bone mask is blurred with the scan's point spread. A sub-voxel shift of its edge and
an amplitude are fitted on bone surface away from the deposit, and the result is
subtracted. Within about 3 mm of bone nothing else makes a mass credible.

A detected component often creeps along the bone, whose blurred rim is as bright as it
is. So the fit does not trust the component: it leaves out what stands clear of the bone,
and rejects the rest of the deposit as outliers.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification.site import FloatArray, Site, distance_mm
from calcitrace.model.image_quality import Psf
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Mask

SHIFTS_MM = np.arange(-1.2, 1.21, 0.2)
FIT_REACH_MM = 3.0
CLEAR_OF_BONE_MM = 1.2  # past this a bright voxel is no rim of bone
N_REWEIGHTINGS = 4
BISQUARE_TUNING = 4.685
MAD_TO_SIGMA = 1.4826
MIN_FIT_VOXELS = 30
# Cortex is not of one density: relative spread of its spill along the surface.
ROUGHNESS = 0.1
DEFAULT_SHIFT_STD_MM = 0.3
DEFAULT_AMPLITUDE_STD = 0.25  # relative


@dataclass(frozen=True, slots=True, eq=False)
class BoneSpill:
    """Estimated spill in HU at every voxel of the box, and how it may be wrong.

    Attributes
    ----------
    hu
        Estimate.
    random_modes_hu
        Independent one-sigma deviations of the fit, each of the box's shape.
    psf_mode_hu
        Deviation for one sigma of the point spread; shared between scans.
    """

    hu: FloatArray
    random_modes_hu: tuple[FloatArray, ...]
    psf_mode_hu: FloatArray

    @property
    def std_hu(self) -> FloatArray:
        """One sigma of the estimate at each voxel, roughness of real bone included."""
        variance = (ROUGHNESS * self.hu) ** 2 + self.psf_mode_hu**2
        for mode in self.random_modes_hu:
            variance = variance + mode**2
        return np.sqrt(variance)


def no_spill(site: Site) -> BoneSpill:
    """No bone near enough to matter."""
    zero = np.zeros(site.hu.shape)
    return BoneSpill(zero, (), zero)


def fit_bone_spill(
    site: Site,
    tissue_hu: FloatArray,
    psf: Psf,
    n_correlated: float,
    settings: QuantificationSettings,
) -> BoneSpill:
    """Fit edge shift and amplitude of the bone near one deposit.

    Parameters
    ----------
    site
        The deposit in its surroundings.
    tissue_hu
        Background plane at every voxel of the box.
    psf
        Point spread of the scan.
    n_correlated
        Voxels that share one noise value.
    settings
        Distance within which bone matters.
    """
    reach_mm = settings.bone_spill_mm + settings.region_margin_mm
    if not (site.bone & (site.distance_mm <= reach_mm)).any():
        return no_spill(site)
    signed_mm = np.where(site.bone, -distance_mm(~site.bone, site.grid), site.bone_mm)
    # Distances run between voxel centres; the surface lies half a voxel before.
    half = 0.5 * float(np.mean(site.grid.spacing_mm[1:]))
    signed_mm = signed_mm + np.where(site.bone, half, -half)
    fit = _fit_mask(site, settings)
    if fit.sum() < MIN_FIT_VOXELS:
        return _default_spill(site, signed_mm, tissue_hu, psf)
    return _fitted_spill(site, signed_mm, fit, psf, n_correlated)


def _fit_mask(site: Site, settings: QuantificationSettings) -> Mask:
    """Soft tissue at the bone's surface, away from what stands clear of it."""
    clear = site.core & (site.bone_mm > CLEAR_OF_BONE_MM)
    fit = site.is_valid & ~site.bone & (site.bone_mm <= FIT_REACH_MM)
    fit &= distance_mm(clear, site.grid) > settings.shell_inner_mm
    fit &= site.others_mm > settings.shell_inner_mm
    fit &= site.smooth > -200.0  # noqa: PLR2004  skin and gas are no soft tissue
    return fit


def _template(
    site: Site, signed_mm: FloatArray, shift_mm: float, psf: Psf
) -> FloatArray:
    """Blurred occupancy of the bone whose edge is moved outward by a shift."""
    width = float(np.mean(site.grid.spacing_mm[1:]))
    occupancy = np.clip(0.5 + (shift_mm - signed_mm) / width, 0.0, 1.0)
    # The ramp of the occupancy is a voxel wide: its variance is not blurred in twice.
    sigma = [
        (max(s**2 - width**2 / 12, 0.01 * s**2)) ** 0.5 / d
        for s, d in zip(psf.sigma_mm, site.grid.spacing_mm, strict=True)
    ]
    return ndimage.gaussian_filter(occupancy, sigma, mode="nearest", truncate=4.0)


def _fitted_spill(
    site: Site, signed_mm: FloatArray, fit: Mask, psf: Psf, n_correlated: float
) -> BoneSpill:
    """Least squares over the shift, with amplitude and local tissue linear."""
    values = site.hu[fit]
    costs: list[float] = []
    solutions: list[float] = []
    for shift in SHIFTS_MM:
        column = _template(site, signed_mm, float(shift), psf)[fit]
        solution, cost = _robust_line(column, values, site.sigma_hu)
        costs.append(cost)
        solutions.append(solution)
    best = int(np.argmin(costs))
    shift = _parabola_minimum(costs, best)
    amplitude = float(np.interp(shift, SHIFTS_MM, solutions))
    spill = amplitude * _template(site, signed_mm, shift, psf)
    modes = _random_modes(site, signed_mm, fit, psf, (amplitude, shift, n_correlated))
    return BoneSpill(spill, modes, _psf_mode(site, signed_mm, (amplitude, shift), psf))


def _robust_line(
    column: FloatArray, values: FloatArray, sigma_hu: float
) -> tuple[float, float]:
    """Amplitude of a template on a constant, and a cost that outliers cannot inflate."""
    design = np.column_stack([column, np.ones_like(column)])
    weights = np.ones_like(values)
    reach = np.inf
    residual = values
    amplitude = 0.0
    for _ in range(N_REWEIGHTINGS):
        normal = design.T @ (design * weights[:, None]) + 1e-9 * np.eye(2)
        solution = np.linalg.solve(normal, design.T @ (weights * values))
        # Bone is denser than tissue, and cortex rarely passes 2500 HU above it.
        amplitude = min(max(float(solution[0]), 0.0), 2500.0)
        tissue = float(np.average(values - amplitude * column, weights=weights + 1e-9))
        residual = values - amplitude * column - tissue
        spread = MAD_TO_SIGMA * float(np.median(np.abs(residual)))
        reach = BISQUARE_TUNING * max(spread, sigma_hu)
        weights = np.clip(1 - (residual / reach) ** 2, 0, None) ** 2
    # Tukey's loss at one common scale: shifts with another spread stay comparable.
    scale = BISQUARE_TUNING * 2 * max(sigma_hu, 5.0)
    loss = 1 - np.clip(1 - (residual / scale) ** 2, 0, None) ** 3
    return amplitude, float(loss.sum())


def _parabola_minimum(costs: list[float], best: int) -> float:
    """Sub-step minimum of the cost."""
    step = float(SHIFTS_MM[1] - SHIFTS_MM[0])
    if best in {0, len(costs) - 1}:
        return float(SHIFTS_MM[best])
    left, middle, right = costs[best - 1 : best + 2]
    bend = left - 2 * middle + right
    offset = 0.0 if bend <= 0 else 0.5 * (left - right) / bend
    return float(SHIFTS_MM[best] + step * np.clip(offset, -0.5, 0.5))


def _random_modes(
    site: Site,
    signed_mm: FloatArray,
    fit: Mask,
    psf: Psf,
    found: tuple[float, float, float],
) -> tuple[FloatArray, ...]:
    """One-sigma deviations of the fit along the principal axes of its covariance."""
    amplitude, shift, n_correlated = found
    template = _template(site, signed_mm, shift, psf)
    later = _template(site, signed_mm, shift + 0.1, psf)
    per_shift = amplitude * (later - template) / 0.1
    design = np.column_stack([template[fit], per_shift[fit], np.ones(int(fit.sum()))])
    residual = site.hu[fit] - amplitude * template[fit]
    residual -= np.median(residual)
    spread = MAD_TO_SIGMA * float(np.median(np.abs(residual)))
    freedom = max(1.0, len(residual) / n_correlated - 3.0)
    variance = spread**2 * (len(residual) / n_correlated) / freedom
    # A weak prior keeps amplitude and shift apart where the fit cannot.
    normal = design.T @ design / n_correlated / max(variance, 1.0)
    normal += np.diag([1 / 500.0**2, 1 / 0.5**2, 1 / 100.0**2])
    covariance = np.linalg.inv(normal)[:2, :2]
    eigenvalues, vectors = np.linalg.eigh(covariance)
    return tuple(
        np.sqrt(max(value, 0.0)) * (vector[0] * template + vector[1] * per_shift)
        for value, vector in zip(eigenvalues, vectors.T, strict=True)
    )


def _psf_mode(
    site: Site, signed_mm: FloatArray, found: tuple[float, float], psf: Psf
) -> FloatArray:
    """What one sigma of the point spread does to the spill."""
    amplitude, shift = found
    wider = Psf(
        psf.sigma_plane_mm * (1 + psf.relative_std),
        psf.sigma_slice_mm * (1 + psf.relative_std),
        psf.relative_std,
        psf.source,
    )
    change = _template(site, signed_mm, shift, wider) - _template(
        site, signed_mm, shift, psf
    )
    return amplitude * change


def _default_spill(
    site: Site, signed_mm: FloatArray, tissue_hu: FloatArray, psf: Psf
) -> BoneSpill:
    """Bone surface hidden by deposits: brightness of the bone, edge where it is."""
    near = site.bone & (site.distance_mm <= FIT_REACH_MM + 2.0)
    amplitude = float(np.percentile(site.hu[near], 75) - tissue_hu[near].mean())
    amplitude = max(amplitude, 0.0)
    template = _template(site, signed_mm, 0.0, psf)
    shifted = _template(site, signed_mm, DEFAULT_SHIFT_STD_MM, psf)
    modes = (
        DEFAULT_AMPLITUDE_STD * amplitude * template,
        amplitude * (shifted - template),
    )
    psf_mode = _psf_mode(site, signed_mm, (amplitude, 0.0), psf)
    return BoneSpill(amplitude * template, modes, psf_mode)
