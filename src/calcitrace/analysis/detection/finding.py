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
from calcitrace.analysis.detection.surroundings import Surroundings, tree
from calcitrace.analysis.detection.threshold import floor_hu
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise
from calcitrace.model.protocol import DetectionSettings
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume

# Parts of a row: small, and surely no noise, which would break every row.
CHAIN_PART_MAX_MM3, CHAIN_PART_SIGNIFICANCE = 400.0, 7.0
BONE_PROBABILITY = 0.01


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


def find_candidates(
    volume: HuVolume,
    coverage: Coverage,
    anatomy: Anatomy,
    noise: Noise,
    acquisition: Acquisition,
    settings: DetectionSettings,
) -> Detection:
    """Find bright components and decide on each.

    Parameters
    ----------
    volume, coverage
        CT numbers, and what of them was measured.
    anatomy
        Body, tissues and skeleton; what is not in the body is no candidate.
    noise
        Level at each place and correlation.
    acquisition
        kVp and contrast, if known.
    settings
        Thresholds.

    Returns
    -------
    Detection
        Bones first, each a dropped candidate. Components whose summed excess stays
        below 5 times its noise are not listed: a scan holds hundreds of such specks.
    """
    tissue = np.asarray(anatomy.tissue.labels, np.uint8)
    bright = bright_mask(
        volume,
        anatomy.body,
        noise.sigma_hu,
        floor_hu(acquisition, settings),
        settings.threshold_noise_sigmas,
    )
    found = label_components(bright, tissue, volume.grid.spacing_mm)
    del bright
    scene = Surroundings(
        volume=volume,
        tissue=tissue,
        body=anatomy.body,
        labels=found.labels,
        coverage=coverage,
        noise=noise,
        n_bones=found.n_bones,
        skin=tree(anatomy.skin_mm),
        bone=tree(anatomy.skeleton_mm),
    )
    listed = _listed(scene, found)
    candidates = (
        *(_bone(label, found, volume) for label in range(1, found.n_bones + 1)),
        *named(_judged(listed, acquisition, settings), found, anatomy.structures),
    )
    return _relabelled(candidates, found.labels, volume.grid)


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


def _judged(
    listed: list[Features],
    acquisition: Acquisition,
    settings: DetectionSettings,
) -> list[Candidate]:
    """Decide on each component in the light of the others."""
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
    rows = chain_lengths(centroids, can_be_in_row)
    return [
        judge(
            Case(
                features=f,
                chain_length=int(row),
                is_contrast_enhanced=bool(acquisition.is_contrast_enhanced),
                touching_mm=settings.touching_bone_mm,
            ),
            settings,
        )
        for f, row in zip(listed, rows, strict=True)
    ]


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
