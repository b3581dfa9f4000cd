"""Every bright component of a scan, with a decision and its reason."""

from dataclasses import dataclass, replace

import numpy as np

from calcitrace.analysis.detection.chains import chain_lengths
from calcitrace.analysis.detection.components import (
    Components,
    Labels,
    bright_mask,
    label_components,
    relabel,
)
from calcitrace.analysis.detection.evidence import Case
from calcitrace.analysis.detection.features import (
    Features,
    could_stand_out,
    measure,
)
from calcitrace.analysis.detection.judgement import SIGNIFICANCE_LISTED, judge
from calcitrace.analysis.detection.labelled import named
from calcitrace.analysis.detection.learned.components import (
    believed,
    probabilities_of,
)
from calcitrace.analysis.detection.learned.likeness import CAVITY_MM3, cavity_mm3
from calcitrace.analysis.detection.surroundings import Surroundings, tree
from calcitrace.analysis.detection.threshold import floor_hu
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.belief import Belief
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise
from calcitrace.model.learned import ComponentStage
from calcitrace.model.protocol import DetectionSettings
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume

# Parts of a row: small, and surely no noise, which would break every row.
CHAIN_PART_MAX_MM3, CHAIN_PART_SIGNIFICANCE = 400.0, 7.0
BONE_PROBABILITY = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A scan to look for deposits in.

    Attributes
    ----------
    volume, coverage
        CT numbers, and what of them was measured.
    anatomy
        Body, tissues and skeleton; what is not in the body is no candidate.
    noise
        Level at each place and correlation.
    acquisition
        kVp and contrast, if known.
    belief
        What the voxel stage says; `None` where only rules decide.
    """

    volume: HuVolume
    coverage: Coverage
    anatomy: Anatomy
    noise: Noise
    acquisition: Acquisition
    belief: Belief | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """Candidates of one scan.

    Attributes
    ----------
    candidates
        In label order; bones among them.
    labels
        Shape of the scan, value = `Candidate.label`; bones and noise included.
    """

    candidates: tuple[Candidate, ...]
    labels: LabelVolume


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """Components of one scan with all that is known of those that stand out."""

    found: Components
    cases: tuple[Case, ...]


def find_candidates(
    sight: Sight,
    settings: DetectionSettings,
    stage: ComponentStage | None = None,
) -> Detection:
    """Find bright components and decide on each.

    Parameters
    ----------
    sight
        The scan and what is known of it.
    settings
        Thresholds.
    stage
        Gives the probability; without it the table of evidence does.

    Returns
    -------
    Detection
        Bones first, each a dropped candidate. Components whose summed excess stays
        below 5 times its noise are not listed: a scan holds hundreds of such specks.
    """
    described = describe(sight, settings)
    found, cases = described.found, described.cases
    learned = [None] * len(cases) if stage is None else probabilities_of(stage, cases)
    judged = [judge(c, settings, p) for c, p in zip(cases, learned, strict=True)]
    volume = sight.volume
    candidates = (
        *(_bone(label, found, volume) for label in range(1, found.n_bones + 1)),
        *named(judged, found, sight.anatomy.structures),
    )
    return _relabelled(candidates, found.labels, volume.grid)


def describe(sight: Sight, settings: DetectionSettings) -> Described:
    """Find bright components, and measure what each is like."""
    tissue = np.asarray(sight.anatomy.tissue.labels, np.uint8)
    volume, noise = sight.volume, sight.noise
    bright = bright_mask(
        volume,
        sight.anatomy.body,
        noise.sigma_hu,
        floor_hu(sight.acquisition, settings),
        settings.threshold_noise_sigmas,
    )
    believed_in = None if sight.belief is None else sight.belief.believed
    found = label_components(bright, tissue, volume.grid.spacing_mm, believed_in)
    del bright
    scene = Surroundings(
        volume=volume,
        tissue=tissue,
        body=sight.anatomy.body,
        labels=found.labels,
        coverage=sight.coverage,
        noise=noise,
        n_bones=found.n_bones,
        skin=tree(sight.anatomy.skin_mm),
        bone=tree(sight.anatomy.skeleton_mm),
    )
    listed = _listed(scene, found)
    rows = _rows(listed)
    has_cavities = (
        sight.belief is not None and cavity_mm3(volume, sight.anatomy) >= CAVITY_MM3
    )
    cases = tuple(
        Case(
            features=f,
            chain_length=row,
            is_contrast_enhanced=bool(sight.acquisition.is_contrast_enhanced),
            touching_mm=settings.touching_bone_mm,
            believed=believed(
                sight.belief, found.labels, found.boxes[f.label], f.label
            ),
            has_cavities=has_cavities,
        )
        for f, row in zip(listed, rows, strict=True)
    )
    return Described(found, cases)


def _listed(scene: Surroundings, found: Components) -> list[Features]:
    """Features of all components that stand out at all, in label order."""
    out: list[Features] = []
    for label in range(found.n_bones + 1, found.n + 1):
        box = found.boxes[label]
        if could_stand_out(label, box, scene, SIGNIFICANCE_LISTED):
            features = measure(label, box, scene, SIGNIFICANCE_LISTED)
            if features is not None:
                out.append(features)
    return out


def _rows(listed: list[Features]) -> list[int]:
    """Components in line with each, itself included."""
    centroids = np.array([f.centroid_mm for f in listed]).reshape(-1, 3)
    can_be_in_row = np.array(
        [
            f.volume_mm3 <= CHAIN_PART_MAX_MM3
            and f.contact_fraction == 0
            and f.significance >= CHAIN_PART_SIGNIFICANCE
            for f in listed
        ],
        dtype=bool,
    )
    return [int(n) for n in chain_lengths(centroids, can_be_in_row)]


def _bone(label: int, found: Components, volume: HuVolume) -> Candidate:
    """A part of the skeleton as a dropped candidate."""
    box = found.boxes[label]
    inside = found.labels[box] == label
    index = np.argwhere(inside).mean(axis=0) + [s.start for s in box]
    x, y, z = (float(v) for v in volume.grid.to_world_mm(index))
    is_cut = any(
        s.start == 0 or s.stop == n for s, n in zip(box, volume.grid.shape, strict=True)
    )
    return Candidate(
        label=label,
        status=Status.DROPPED,
        reason=Reason.SKELETON,
        probability=BONE_PROBABILITY,
        centroid_mm=(x, y, z),
        volume_mm3=float(inside.sum()) * volume.grid.voxel_volume_mm3,
        hu_max=float(volume.hu[box][inside].max()),
        touches_bone=True,
        is_cut=is_cut,
    )


def _relabelled(
    candidates: tuple[Candidate, ...], labels: Labels, grid: Grid
) -> Detection:
    """Number candidates from 1 without gaps; labels are changed in place."""
    table = np.zeros(int(labels.max()) + 1, labels.dtype)
    numbered: list[Candidate] = []
    for number, candidate in enumerate(candidates, start=1):
        table[candidate.label] = number
        numbered.append(replace(candidate, label=number))
    relabel(labels, table)
    return Detection(tuple(numbered), LabelVolume(labels, grid))
