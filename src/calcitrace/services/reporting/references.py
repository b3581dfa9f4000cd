"""The works that the report cites, in one table."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Reference:
    """One cited work; `url` is its DOI where it has one."""

    text: str
    url: str | None


class Source(Enum):
    """Works by what they are cited for."""

    INTEGRATED_MASS = Reference(
        "Integrated intensity-based technique for coronary artery calcium mass "
        "measurement. Medical Physics, 2023.",
        "https://doi.org/10.1002/mp.16326",
    )
    BISQUARE = Reference(
        "Beaton AE, Tukey JW. The fitting of power series, meaning polynomials, "
        "illustrated on band-spectroscopic data. Technometrics 16:147, 1974.",
        "https://doi.org/10.2307/1267936",
    )
    SKIN_EDGE = Reference(
        "Judy PF. The line spread function and modulation transfer function of a "
        "computed tomographic scanner. Medical Physics 3:233, 1976.",
        None,
    )
    BONE_EDGE = Reference(
        "Treece GM, Gee AH, Mayhew PM, Poole KES. High resolution cortical bone "
        "thickness measurement from clinical CT data. Medical Image Analysis 14:276, "
        "2010.",
        "https://doi.org/10.1016/j.media.2010.01.003",
    )
    SPECTRA = Reference(
        "Poludniowski G et al. SpekPy v2.0: a software toolkit for modeling x-ray tube "
        "spectra. Medical Physics 48:3630, 2021.",
        "https://doi.org/10.1002/mp.14945",
    )
    ATTENUATION = Reference(
        "Elam WT, Ravel BD, Sieber JR. A new atomic database for X-ray spectroscopic "
        "calculations. Radiation Physics and Chemistry 63:121, 2002.",
        "https://doi.org/10.1016/S0969-806X(01)00227-4",
    )
    LINE_FIT = Reference(
        "York D. Least-squares fitting of a straight line. Canadian Journal of Physics "
        "44:1079, 1966.",
        "https://doi.org/10.1139/p66-090",
    )
    CRYSTAL_DENSITY = Reference(
        "Anthony JW et al. Handbook of Mineralogy, volume IV: hydroxylapatite. Mineral "
        "Data Publishing, 2000.",
        None,
    )
    DETECTION_LIMIT = Reference(
        "Currie LA. Limits for qualitative detection and quantitative determination. "
        "Analytical Chemistry 40:586, 1968.",
        "https://doi.org/10.1021/ac60259a007",
    )
    UNCERTAINTY = Reference(
        "JCGM 100:2008. Evaluation of measurement data: guide to the expression of "
        "uncertainty in measurement.",
        None,
    )
    AGATSTON = Reference(
        "Agatston AS et al. Quantification of coronary artery calcium using ultrafast "
        "computed tomography. Journal of the American College of Cardiology 15:827, "
        "1990.",
        "https://doi.org/10.1016/0735-1097(90)90282-T",
    )
    KVP_THRESHOLDS = Reference(
        "Gräni C et al. European Heart Journal - Cardiovascular Imaging, 2018 "
        "(thresholds of calcium scores by tube voltage).",
        "https://doi.org/10.1093/ehjci/jey019",
    )
