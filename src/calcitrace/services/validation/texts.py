"""What a reader must know to use the figures: definitions, limits, sources."""

from calcitrace.model.accuracy import ValidationResult
from calcitrace.services.reporting.content import Fact
from calcitrace.services.reporting.references import Reference, Source

SIMULATED_USE = "Simulated data, research use only: not a medical device"
SCANNED_USE = "Known inserts, research use only: not a medical device"

SIMULATED_LIMITS = (
    (
        "Scans are simulated: no patient, no motion, no scanner's own corrections. Errors "
        "on real scans are larger by what the simulation leaves out."
    ),
    "Deposits are bodies of one density and known form; real ones are rougher.",
    "The simulator and Calcitrace share no code, but the same people wrote both.",
    "With the position given, nothing is said of deposits that would not be found.",
    (
        "Deposits found by themselves are those that noise helped: of the smallest, masses "
        "read high."
    ),
)
SCANNED_LIMITS = (
    "Few inserts of few kinds: figures hold for them, and for this scanner and protocol.",
    "Inserts are known as well as their maker knows them.",
    "An insert that shares a deposit with its neighbour counts as missed.",
)
REFERENCES = (
    Reference(
        "Bland JM, Altman DG. Measuring agreement in method comparison studies. "
        "Statistical Methods in Medical Research 8:135, 1999.",
        "https://doi.org/10.1177/096228029900800204",
    ),
    Reference(
        "Efron B, Tibshirani RJ. An introduction to the bootstrap. Chapman & Hall, 1993.",
        None,
    ),
    Reference(
        "Hesterberg TC. What teachers should know about the bootstrap. The American "
        "Statistician 69:371, 2015.",
        "https://doi.org/10.1080/00031305.2015.1089789",
    ),
    Reference(
        "Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated "
        "in the case of the binomial. Biometrika 26:404, 1934.",
        "https://doi.org/10.1093/biomet/26.4.404",
    ),
    Source.AGATSTON.value,
    Source.KVP_THRESHOLDS.value,
    Reference(
        "McCollough CH et al. Coronary artery calcium: a multi-institutional, "
        "multimanufacturer international standard for quantification at cardiac CT. "
        "Radiology 243:527, 2007.",
        "https://doi.org/10.1148/radiol.2432050808",
    ),
    Source.INTEGRATED_MASS.value,
    Reference(
        "Black D, Xiao X, Molloi S. Coronary artery calcium mass measurement based on "
        "integrated intensity and volume fraction techniques. Journal of Medical "
        "Imaging 10:043502, 2023.",
        "https://doi.org/10.1117/1.JMI.10.4.043502",
    ),
)


def methods(result: ValidationResult) -> tuple[Fact, ...]:
    """How every figure is defined."""
    return (
        Fact(
            "Readings",
            "A reading is what one estimator says of one deposit on one scan. Errors are "
            "of the unclipped estimate, in per cent of the true mass, also where it is "
            "below the detection limit and a user would be shown no number.",
        ),
        Fact("Bias, RMS error", "Median, and root of the mean square, over readings."),
        Fact(
            "Intervals",
            f"95 % percentile intervals of {result.n_bootstrap} bootstrap draws over "
            "deposits: all readings of a deposit are drawn together, and every estimator "
            "on the same draws. Totals and false deposits are drawn over scenes, "
            "detection limits over blank sites. With few units the percentiles lie "
            "further out, as a t interval is wider; with fewer than 5 there is none. A share of 0 or 100 % has the exact "
            "binomial bound, with deposits for the sample size.",
        ),
        Fact(
            "Coverage",
            "Share of readings whose 95 % interval holds the true mass, where both "
            "bounds are stated. Of many cells with the right coverage a few fall below "
            "the target by chance: cells whose whole interval lies below are marked.",
        ),
        Fact(
            "Test-retest",
            "Coefficient of variation of repeats of one protocol (other noise, other "
            "position between the voxels), root mean square over deposits; masses below "
            "0 count as 0, deposits that read 0 throughout have none. The smallest "
            "detectable change is 1.96 × √2 times it.",
        ),
        Fact(
            "Less best rival",
            "RMS error less that of the best rival, chosen anew in every draw; below 0 "
            "Calcitrace is better.",
        ),
        Fact(
            "Detection limit",
            "95th percentile of what is read at sites without calcium. Methods that "
            "count bright voxels read 0 there and see nothing of small deposits either: "
            "compare it with the share that reads nothing: no mass, none above 0, or one "
            "below the detection limit that is not shown.",
        ),
        Fact(
            "Total burden",
            "RMS over scans of the error of the sum of all masses. What is missed adds "
            "nothing; what is found where nothing is adds its mass.",
        ),
        Fact(
            "Rivals",
            "Each is given a region of 2 mm (or a slice) around the true deposit without "
            "true bone, a ring of plain tissue, and the calibration of Calcitrace. "
            "Agatston scores become a mass by one factor, fitted on scenes that are not "
            "in these tables, that makes their median error zero.",
        ),
    )
