"""Methods paragraphs, written from the protocol and calibration that were used."""

import math
from dataclasses import dataclass, field

from calcitrace.model.calibration import HYDROXYAPATITE_MG_CM3, Grade
from calcitrace.model.estimate import Unit
from calcitrace.model.result import ScanResult
from calcitrace.services.reporting.content import Fact
from calcitrace.services.reporting.figures import unit_sign
from calcitrace.services.reporting.language import NO_BREAK, Language, marked
from calcitrace.services.reporting.references import Reference, Source


@dataclass(slots=True)
class Citations:
    """Numbers works in the order in which they are cited."""

    cited: list[Source] = field(default_factory=list[Source])

    def __call__(self, *sources: Source) -> str:
        """Return the mark of one or more works: "[1, 2]"."""
        for source in sources:
            if source not in self.cited:
                self.cited.append(source)
        return f"[{', '.join(str(self.cited.index(s) + 1) for s in sources)}]"


def methods(
    result: ScanResult, lang: Language
) -> tuple[tuple[Fact, ...], tuple[Reference, ...]]:
    """Paragraphs, and the works that they cite in order of number."""
    cite = Citations()
    t = lang.gettext
    paragraphs = (
        Fact(t("Detection"), _detection(result, lang)),
        Fact(t("Blur and noise"), _image_quality(result, lang, cite)),
        Fact(t("Mass"), _mass(result, lang, cite)),
        Fact(t("Bone"), _bone(result, lang)),
        Fact(t("Calibration"), _calibration(result, lang, cite)),
        Fact(t("Uncertainty"), _uncertainty(result, lang, cite)),
        Fact(t("Other numbers"), _secondary(lang, cite)),
    )
    return paragraphs, tuple(source.value for source in cite.cited)


def _mm(value: float, lang: Language) -> str:
    return f"{lang.plain(value)}{NO_BREAK}mm"


def _hu(value: float, lang: Language) -> str:
    return f"{lang.number(value)}{NO_BREAK}{unit_sign(Unit.HU, lang)}"


def _detection(result: ScanResult, lang: Language) -> str:
    a, d = result.protocol.anatomy, result.protocol.detection
    is_learned = result.provenance.is_learned
    shown = d.learned_review_probability if is_learned else d.review_probability
    text = lang.gettext(
        "The body was separated from air at {body}, fat from other soft "
        "tissue at {fat}; the skeleton was found by {segmenter} (bone from {bone}). "
        "Candidates are connected voxels above {threshold} (at 120 kVp, adapted to the "
        "tube voltage), or above the tissue by {sigmas} times the noise where that is "
        "more."
    ).format(
        body=_hu(a.body_threshold_hu, lang),
        fat=_hu(a.fat_threshold_hu, lang),
        bone=_hu(a.skeleton_threshold_hu, lang),
        segmenter=result.provenance.segmenter,
        threshold=_hu(d.threshold_hu, lang),
        sigmas=lang.plain(d.threshold_noise_sigmas),
    )
    decided = lang.gettext(
        "Each candidate has a probability of being soft-tissue calcinosis: accepted above "
        "{accept}, in review from {review}; what lies within {touching} of bone, is cut "
        "by the end of the scan or looks like calcium of another kind goes to review."
    ).format(
        accept=lang.plain(d.accept_probability),
        review=lang.plain(shown),
        touching=_mm(d.touching_bone_mm, lang),
    )
    return f"{text} {_probability(lang, is_learned=is_learned)} {decided}"


def _probability(lang: Language, *, is_learned: bool) -> str:
    """Where the probability comes from, and what it is worth."""
    if is_learned:
        return lang.gettext(
            "Boosted decision trees tell bright voxels that are probably deposits from "
            "bone, and judge each candidate; they learnt from deposits inserted into real "
            "scans of limbs and from simulated hands, and their probabilities were "
            "calibrated on patients they had not seen. No real calcinosis was among "
            "them."
        )
    return lang.gettext(
        "A table of weighted observations (brightness, size, form, place, neighbours) "
        "judges each candidate. The weights were set by hand: the probability orders "
        "candidates and is not calibrated against readers."
    )


def _image_quality(result: ScanResult, lang: Language, cite: Citations) -> str:
    psf, noise = result.psf, result.noise
    blur = lang.gettext(
        "The point spread was taken as Gaussian, sigma {plane} "
        "± {plane_error} in the plane (from: {plane_source}) and {across} "
        "± {across_error} across slices (from: {across_source})"
    ).format(
        plane=f"{lang.number(psf.sigma_plane_mm, 2)}{NO_BREAK}mm",
        across=f"{lang.number(psf.sigma_slice_mm, 2)}{NO_BREAK}mm",
        plane_error=lang.percent(psf.plane_relative_std),
        across_error=lang.percent(psf.slice_relative_std),
        plane_source=lang.phrase(psf.plane_source),
        across_source=lang.phrase(psf.slice_source),
    )
    mark = ""
    if "edge" in psf.plane_source:
        is_bone = "bone" in psf.plane_source
        mark = f" {cite(Source.BONE_EDGE if is_bone else Source.SKIN_EDGE)}"
    if not math.isfinite(noise.sigma_median_hu):
        return f"{blur}{mark}."
    level = _hu(noise.sigma_median_hu, lang)
    text = (
        lang.gettext(
            "Noise, one sigma of a voxel, was {level} (median over the body), measured in "
            "uniform tissue of this scan together with its correlation between "
            "neighbouring voxels."
        )
        if noise.is_measured
        else lang.gettext(
            "Noise could not be measured on this scan; {level} was assumed."
        )
    )
    return f"{blur}{mark}. {text.format(level=level)}"


def _mass(result: ScanResult, lang: Language, cite: Citations) -> str:
    q = result.protocol.quantification
    return lang.gettext(
        "The mass of a deposit is its integrated CT number above the background, "
        "which needs no threshold on the deposit {integrated}. Its region is where the "
        "signal exceeds the larger of {sigmas} sigma and {peak} of its peak (at most "
        "{most}), widened by {margin} ({low_margin} for weak signals) to hold the blur; "
        "a model of the deposit under the measured blur tells which share lies in it, "
        "and in the regions of neighbours. The background is a plane fitted with "
        "bisquare weights {bisquare} in a shell from {inner} to {outer} around it, in "
        "the tissue that adjoins it, {class_margin} away from other tissue and "
        "{bone_margin} from bone."
    ).format(
        integrated=cite(Source.INTEGRATED_MASS),
        sigmas=lang.plain(q.region_sigmas),
        peak=lang.percent(q.region_peak_fraction),
        most=_hu(q.region_threshold_max_hu, lang),
        margin=_mm(q.region_margin_mm, lang),
        low_margin=_mm(q.region_margin_low_signal_mm, lang),
        bisquare=cite(Source.BISQUARE),
        inner=_mm(q.shell_inner_mm, lang),
        outer=_mm(q.shell_outer_mm, lang),
        class_margin=_mm(q.class_margin_mm, lang),
        bone_margin=_mm(q.bone_margin_mm, lang),
    )


def _bone(result: ScanResult, lang: Language) -> str:
    q = result.protocol.quantification
    return lang.gettext(
        "Within {reach} of bone its blurred edge was subtracted: the skeleton was "
        "blurred with the point spread, its edge and brightness fitted on bone surface "
        "away from the deposit."
    ).format(reach=_mm(q.bone_spill_mm, lang))


def _calibration(result: ScanResult, lang: Language, cite: Citations) -> str:
    c = result.calibration
    text = lang.gettext(
        "CT numbers became hydroxyapatite at {slope} mg/cm³ per HU "
        "± {error} (grade {grade}, from: {source}), corrected for the size of the body "
        "in each slice, for the tissue that hydroxyapatite displaces (crystal density "
        "{crystal} mg/cm³ {density}) and for the hardening of the beam in dense "
        "deposits."
    ).format(
        slope=lang.number(c.slope_mg_cm3_per_hu, 3),
        error=lang.percent(c.relative_std),
        grade=c.grade.value,
        source=lang.phrase(c.source),
        crystal=lang.number(HYDROXYAPATITE_MG_CM3),
        density=cite(Source.CRYSTAL_DENSITY),
    )
    more, sources = MORE_BY_GRADE[c.grade]
    return f"{text} {lang.gettext(more).format(cited=cite(*sources))}"


def _uncertainty(result: ScanResult, lang: Language, cite: Citations) -> str:
    percentile = result.protocol.quantification.blank_percentile
    return lang.gettext(
        "Errors that differ between two scans (noise with its correlation, "
        "uneven background, edge of bone, reading of rods) and errors that scans share "
        "(calibration, point spread, recovery) are kept apart {gum}; in a sum the first "
        "add in quadrature, the second add up. Intervals are normal 95 % intervals. The "
        "detection limit is the {percentile}th percentile of what empty tissue with the "
        "same region and noise would give {currie}; below it a mass is called not "
        "quantifiable, but the unclipped estimate enters the total, since clipping "
        "would bias a sum. The total over accepted deposits is given with the total "
        "that also counts all deposits in review."
    ).format(
        gum=cite(Source.UNCERTAINTY),
        percentile=lang.plain(percentile),
        currie=cite(Source.DETECTION_LIMIT),
    )


def _secondary(lang: Language, cite: Citations) -> str:
    return lang.gettext(
        "Volume and density come from second moments and the signal's "
        "own spread with the blur removed, and are left out where the scan cannot tell. "
        "The Agatston-type score {agatston} uses thresholds for the tube voltage "
        "{thresholds} and is normalised to 3 mm slices; it is not the cardiac score. "
        "Depth runs from the skin to the nearest point of the deposit."
    ).format(agatston=cite(Source.AGATSTON), thresholds=cite(Source.KVP_THRESHOLDS))


MORE_BY_GRADE: dict[Grade, tuple[str, tuple[Source, ...]]] = {
    Grade.A: (
        marked(
            "The line through the rods was fitted with errors on both axes {cited}."
        ),
        (Source.LINE_FIT,),
    ),
    Grade.B: (
        marked(
            "Rods of a phantom were found and read in a scan of its own, fitted with "
            "errors on both axes, and the slope was carried to the size of the body by "
            "a table computed from X-ray tube spectra and attenuation data {cited}."
        ),
        (Source.LINE_FIT, Source.SPECTRA, Source.ATTENUATION),
    ),
    Grade.C: (
        marked(
            "The table was computed from X-ray tube spectra and attenuation data "
            "{cited}; median CT numbers of pure fat and muscle moved it by a regression "
            "that was trained on simulated scanners and tested on others."
        ),
        (Source.SPECTRA, Source.ATTENUATION),
    ),
    Grade.D: (
        marked(
            "The table was computed from X-ray tube spectra and attenuation data "
            "{cited}."
        ),
        (Source.SPECTRA, Source.ATTENUATION),
    ),
}

LIMITS: tuple[str, ...] = (
    marked(
        "Research use only. Calcitrace is not a medical device and must not be the basis "
        "of a diagnosis or of a treatment decision."
    ),
    marked(
        "A deposit that is smaller than the detection limit, outside of the scan, or "
        "merged with bone can be missed. None found does not mean none there."
    ),
    marked(
        "What is calcinosis and what is bone, vessel, phlebolith or metal is decided by "
        "the program. Deposits in review, and exclusions, should be checked on the images."
    ),
    marked(
        "Volume and mean density of deposits of a few millimetres depend on the blur of "
        "the scan and on their shape; their masses depend on it least."
    ),
    marked(
        "The interval of the total holds errors of measurement. It does not hold the "
        "error of a wrong inclusion or exclusion; the total with deposits in review "
        "shows how far those can move it."
    ),
)
