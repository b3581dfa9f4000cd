"""Methods of a comparison, in the words of the settings that were used."""

from calcitrace.model.comparison import Comparison
from calcitrace.services.reporting.content import Fact
from calcitrace.services.reporting.language import Language, marked

LIMITS = (
    marked(
        "A change of mass is a change of what the scan shows, not of how the patient is."
    ),
    marked(
        "That a change begins with a treatment does not mean that the treatment is its "
        "cause."
    ),
    marked("What lies outside of the part that all visits cover is not in the totals."),
    marked(
        "Where two deposits lie closer than the error of the alignment, which is which "
        "can be mistaken; the mass of their group cannot."
    ),
)


def following_methods(comparison: Comparison, lang: Language) -> tuple[Fact, ...]:
    """Paragraphs: alignment, identity, change, course."""
    t, s = lang.gettext, comparison.settings.following
    found = [
        Fact(
            t("Alignment"),
            t(
                "Every visit was laid on the first one by its bones, then by soft "
                "tissue; deposits took no part in it. The distance between bone "
                "surfaces afterwards is given for each visit."
            ),
        ),
        Fact(
            t("Identity"),
            t(
                "Deposits were linked by overlap within one voxel after a local shift "
                "that unmistakable pairs agree on; what was left, by distance of "
                "surfaces and likeness of mass; pieces joined a split or merge where "
                "the masses add up. Links were made again under {n} alignments that "
                "differ by their own error; below {certain} agreement the identity is "
                "called uncertain. Where a visit shows no deposit, its place was "
                "measured before anything was called new or resolved."
            ).format(
                n=s.n_perturbed,
                certain=lang.percent(s.certain_probability),
            ),
        ),
        Fact(
            t("Change"),
            t(
                "Masses of linked deposits were compared as sums, which no split or "
                "merge can change. Errors that both visits share cancel; those of "
                "different scanners, tube voltages or reconstructions add up. Ratios "
                "have Fieller's interval. Calls are made so that at most {rate} of them "
                "are false among all deposits of a pair of visits (Benjamini and "
                "Hochberg); totals are tested each on its own."
            ).format(rate=lang.percent(comparison.settings.false_call_rate)),
        ),
    ]
    if comparison.courses:
        found.append(
            Fact(
                t("Course"),
                t(
                    "The annual change is the slope of a line through the logarithms of "
                    "the masses, weighted by their errors and by how far visits stray "
                    "from it. A treatment divides the line where it began: what is "
                    "shown is a coincidence in time, no effect."
                ),
            )
        )
    return tuple(found)
