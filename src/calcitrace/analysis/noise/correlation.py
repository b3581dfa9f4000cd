"""How neighbouring voxels share noise, from flat blocks.

The power of pure noise at one frequency is the square of a normal variable, so a low
quantile over blocks tells its mean, whatever anatomy adds to the other blocks. The
correlation is the transform of that spectrum, with what the flattening took away put back
by solving for the covariance that flattened blocks would show.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from calcitrace.analysis.noise.blocks import Layout, quadratics

Array = NDArray[np.float64]

CALM_QUANTILE = 0.35
FINE_CYCLES = 0.25  # per voxel: the finer half of the spectrum
# Below these frequencies power is anatomy as much as noise; cycles are per block.
COARSE_PER_MM, COARSE_CYCLES, RING_WIDTH, FLOOR_SHARE = 0.16, 1.6, 2.2, 0.3
ROUNDS = 10
RIDGE = 1e-3  # of the normal equations, against amplified sampling error


def spectra(residual: Array, layout: Layout) -> NDArray[np.complex128]:
    """Transform of every block in every slice, padded so that lags do not wrap."""
    b, size = layout.block, layout.padded
    tiles = residual.reshape(*residual.shape[:2], b, b)
    return np.asarray(np.fft.rfft2(tiles, (size, size)), np.complex128)


def is_fine_frequency(layout: Layout) -> NDArray[np.bool_]:
    """Frequencies where anatomy is weak."""
    down = np.abs(np.fft.fftfreq(layout.padded))
    right = np.fft.rfftfreq(layout.padded)
    return np.asarray(np.hypot(down[:, None], right) > FINE_CYCLES, bool)


def plane_covariance(spectrum: NDArray[np.complex128], layout: Layout) -> Array:
    """Covariance by lag in the slice, shape (2 lag + 1, 2 lag + 1), of calm blocks.

    Flattening treats even and odd waves differently, so their powers are taken apart,
    each a squared normal variable whose low quantile tells its mean.
    """
    size, centre = layout.padded, (layout.block - 1) / 2
    down, right = np.fft.fftfreq(size), np.fft.rfftfreq(size)
    centred = np.exp(2j * np.pi * centre * (down[:, None] + right))
    samples = spectrum[:, :: max(1, layout.lag_slices)]
    samples = samples.reshape(-1, *spectrum.shape[2:]) * centred
    calm = sum(
        np.quantile(part**2, CALM_QUANTILE, axis=0)
        for part in (samples.real, samples.imag)
    )
    mean = calm / float(chdtri(1, 1 - CALM_QUANTILE))
    ones = np.fft.rfft2(np.ones((layout.block, layout.block)), (size, size))
    pairs = np.fft.irfft2(np.abs(ones) ** 2, (size, size))
    lags = np.arange(-layout.lag, layout.lag + 1)
    found = (np.fft.irfft2(mean, (size, size)) / pairs)[np.ix_(lags, lags)]
    return np.asarray((found + found[::-1, ::-1]) / 2, np.float64)


def slice_correlation(spectrum: NDArray[np.complex128], layout: Layout) -> Array:
    """Correlation between slices at fine frequencies, shape (2 lag_slices + 1,)."""
    fine = spectrum[..., is_fine_frequency(layout)]
    n = layout.n_slices
    own = float((np.abs(fine) ** 2).mean())
    shared = [
        float((np.conj(fine[:, : n - apart]) * fine[:, apart:]).real.mean()) / own
        for apart in range(1, n)
    ]
    return np.array([*shared[::-1], 1.0, *shared])


def restored(raw: Array, layout: Layout) -> Array:
    """Covariance whose flattened blocks would show `raw`.

    For a covariance C the flat residual has covariance P C P, P the projection off the
    quadratics Q. Solved for covariances that are even in rows and columns and the same
    along both; what the solution adds to the even part of `raw` is added to `raw`.
    With F_m the pairs of lag class m and S_m = F_m Q, the sum of P F_k P over the pairs
    of class m is n_m [m = k] - 2 sum(S_m * Y_k), Y_k = S_k - Q (Q' S_k) / 2.
    """
    classes = _lag_classes(layout)
    n_classes = int(classes.max()) + 1
    basis = quadratics(layout.block)
    gathered, n_pairs = _gathered(basis, classes, layout)
    inner = np.einsum("vq,kvp->kqp", basis, gathered)
    half = gathered - np.einsum("vq,kqp->kvp", basis, inner) / 2
    taken = gathered.reshape(n_classes, -1) @ half.reshape(n_classes, -1).T
    response = np.eye(n_classes) - 2 * taken / n_pairs[:, None]
    seen = np.bincount(classes, raw.ravel()) / np.bincount(classes)
    normal = response.T @ response + RIDGE * np.eye(n_classes)
    wanted = response.T @ seen + RIDGE * seen
    even = np.asarray(np.linalg.solve(normal, wanted), np.float64)
    return np.asarray(raw + (even - seen)[classes].reshape(raw.shape), np.float64)


def _lag_classes(layout: Layout) -> NDArray[np.int64]:
    """Number the lags up to mirrors and exchange of the axes, shape (lag,)."""
    lags = np.abs(np.arange(-layout.lag, layout.lag + 1))
    low = np.minimum(lags[:, None], lags)
    high = np.maximum(lags[:, None], lags)
    _, number = np.unique(high * (layout.lag + 1) + low, return_inverse=True)
    return np.asarray(number.ravel(), np.int64)


def _gathered(
    basis: Array, classes: NDArray[np.int64], layout: Layout
) -> tuple[Array, Array]:
    """Sums of the basis over all voxels of a lag class around each, and pair counts."""
    b, lag, width = layout.block, layout.lag, 2 * layout.lag + 1
    images = np.pad(basis.T.reshape(-1, b, b), ((0, 0), (lag, lag), (lag, lag)))
    gathered = np.zeros((int(classes.max()) + 1, b * b, len(images)))
    n_pairs = np.zeros(len(gathered))
    for place, number in enumerate(classes):
        down, right = divmod(place, width)
        shifted = images[:, down : down + b, right : right + b]
        gathered[number] += shifted.reshape(len(images), -1).T
        n_pairs[number] += (b - abs(down - lag)) * (b - abs(right - lag))
    return gathered, n_pairs


def without_coarse(
    covariance: Array, spacing_mm: tuple[float, ...], block: int
) -> Array:
    """Covariance in the plane without the coarse power that anatomy left in it.

    Reconstruction from projections weighs frequencies by themselves, so the power of its
    noise falls to nought at frequency zero, as a ramp (Riederer, Pelc and
    Chesler, Phys. Med. Biol. 23:446, 1978). Where blocks are too small to tell, the ramp
    is drawn on from the lowest frequencies that they do tell.

    Parameters
    ----------
    covariance
        By lag, shape (2 lag + 1, 2 lag + 1).
    spacing_mm
        Of pixels.
    block
        Size of blocks in pixels.
    """
    n = len(covariance)
    size, lag = 2 * n, n // 2
    padded = np.zeros((size, size))
    padded[:n, :n] = covariance
    power = np.fft.fft2(np.roll(padded, (-lag, -lag), (0, 1))).real
    down, right = (np.fft.fftfreq(size, d) for d in spacing_mm)
    radial = np.hypot(down[:, None], right)
    least = max(COARSE_PER_MM, COARSE_CYCLES / (block * max(spacing_mm)))
    ring = (radial >= least) & (radial < RING_WIDTH * least) & (power > 0)
    is_coarse = radial < least
    if not ring.any():
        return covariance
    # A ramp times a Gaussian, for the kernel: ln(power / f) falls with f squared.
    squared, level = radial[ring] ** 2, np.log(power[ring] / radial[ring])
    fall = float(np.polyfit(squared, level, 1)[0]) if np.ptp(squared) > 0 else 0.0
    start = float(np.mean(level - min(fall, 0.0) * squared))
    line = np.exp(start) * np.maximum(radial, FLOOR_SHARE * least)
    power[is_coarse] = np.minimum(power, line)[is_coarse]
    back = np.roll(np.fft.ifft2(power).real, (lag, lag), (0, 1))
    return np.asarray(back[:n, :n], np.float64)


def physical(correlation: Array) -> Array:
    """Correlation of limited reach without negative power at any frequency.

    Cutting a correlation off at some lag can leave negative power, and then sums over
    regions with a negative variance. Alternate projections remove most of it; what is
    left goes to lag zero.
    """
    centre = tuple(n // 2 for n in correlation.shape)
    inside = tuple(slice(n) for n in correlation.shape)
    padded = np.zeros([2 * n for n in correlation.shape])
    padded[inside] = correlation
    padded = np.roll(padded, [-n for n in centre], (0, 1, 2))
    is_near = np.roll(
        _ones_inside(padded.shape, inside), [-n for n in centre], (0, 1, 2)
    )
    power = np.fft.fftn(padded).real
    for _ in range(ROUNDS):
        back = np.fft.ifftn(np.maximum(power, 0.0)).real * is_near
        power = np.fft.fftn(back).real
    back = np.fft.ifftn(power - min(0.0, float(power.min()))).real
    cut = np.roll(back, centre, (0, 1, 2))[inside]
    return np.asarray(cut / cut[centre], np.float64)


def _ones_inside(shape: tuple[int, ...], inside: tuple[slice, ...]) -> Array:
    ones = np.zeros(shape)
    ones[inside] = 1.0
    return ones
