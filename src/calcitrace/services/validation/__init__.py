"""What the report on accuracy says: verdicts, tables, plots, definitions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from calcitrace.analysis.accuracy import TARGETS, summarise
from calcitrace.model.accuracy import Axis, Metric, ValidationResult
from calcitrace.model.reading import Condition, Reading
from calcitrace.services.reporting.content import Fact
from calcitrace.services.validation.clouds import plots
from calcitrace.services.validation.content import (
    Entry,
    Row,
    Section,
    Table,
    ValidationContent,
)
from calcitrace.services.validation.each import (
    each_lines,
    each_table,
    found_sentence,
)
from calcitrace.services.validation.inserts import (
    false_site,
    found_reading,
    insert_readings,
)
from calcitrace.services.validation.rival_readings import rival_reading
from calcitrace.services.validation.summary import summary_lines
from calcitrace.services.validation.tables import (
    axes_table,
    below_table,
    by_mass,
    found_tables,
    limits_table,
    side_by_side,
    spread_table,
    volume_tables,
)
from calcitrace.services.validation.texts import (
    REFERENCES,
    SCANNED_LIMITS,
    SCANNED_USE,
    SIMULATED_LIMITS,
    SIMULATED_USE,
    methods,
)
from calcitrace.services.validation.verdicts import verdict_tables
from calcitrace.services.validation.words import (
    DASH,
    SPARSE_NOTE,
    WORDS,
    counted,
    number,
    typeset,
)

__all__ = [
    "ValidationContent",
    "false_site",
    "found_reading",
    "insert_readings",
    "rival_reading",
    "summarise",
    "summary",
    "use_of",
    "validation_content",
]


def use_of(*, is_simulated: bool) -> str:
    """What the data are, and what they are not for."""
    return SIMULATED_USE if is_simulated else SCANNED_USE


def validation_content(
    result: ValidationResult, readings: Iterable[Reading], *, is_simulated: bool = True
) -> ValidationContent:
    """Put everything that the report says into words.

    Parameters
    ----------
    result
        As `summarise` returns it.
    readings
        What it was made from, in any order.
    is_simulated
        False for inserts of a phantom that was scanned.
    """
    given = tuple(readings)
    counts = result.counts
    what = "simulated scans" if is_simulated else "a scan of known inserts"
    verdicts = verdict_tables(result) if is_simulated else ()
    lead = (
        (verdicts[0].caption, verdicts[0].sentence)
        if verdicts
        else ("Calcitrace, found by itself", found_sentence(result, given))
    )
    return ValidationContent(
        title=f"Accuracy on {what}",
        subtitle=(
            f"{counted(counts.n_readings, 'reading')} of "
            f"{counted(counts.n_deposits, 'deposit')} on "
            f"{counted(counts.n_scans, 'scan')} of {counted(counts.n_scenes, 'scene')}"
        ),
        use=use_of(is_simulated=is_simulated),
        lead_title=lead[0],
        lead=lead[1],
        verdicts=verdicts,
        counts=_counts(result),
        side_by_side=side_by_side(result, TARGETS) if is_simulated else None,
        each=None if is_simulated else each_table(given),
        plots=plots(result, given),
        sections=_sections(result),
        conditions=_conditions(given),
        methods=methods(result),
        limits=SIMULATED_LIMITS if is_simulated else SCANNED_LIMITS,
        references=REFERENCES,
    )


def summary(
    result: ValidationResult, readings: Iterable[Reading], *, is_simulated: bool = True
) -> tuple[str, ...]:
    """Lines of a short summary in Markdown, failures first."""
    use = use_of(is_simulated=is_simulated)
    if is_simulated:
        return summary_lines(result, use)
    return each_lines(result, readings, use)


def _counts(result: ValidationResult) -> tuple[Fact, ...]:
    counts = result.counts
    return (
        Fact("deposits of known mass", WORDS.number(counts.n_deposits)),
        Fact("scans", WORDS.number(counts.n_scans)),
        Fact("readings", WORDS.number(counts.n_readings)),
        Fact("scenes", WORDS.number(counts.n_scenes)),
        Fact("sites without calcium", WORDS.number(counts.n_blank_sites)),
        Fact("estimators", WORDS.number(len(dict(result.estimators)))),
    )


def _sections(result: ValidationResult) -> tuple[Section, ...]:
    made = (
        Section(
            "axes",
            "Calcitrace, condition by condition",
            "Levels of one axis may also differ in mass and in all the other axes: read "
            f"them together with the table by mass. {SPARSE_NOTE}",
            (axes_table(result),),
        ),
        Section(
            "by-mass",
            "Calcitrace by mass",
            "With 95 % intervals and the number of deposits.",
            (by_mass(result, Metric.RMS, "RMS error in % of the true mass"),),
        ),
        Section(
            "repeats",
            "Scan and scan again",
            "How much readings of the same deposit differ between scans of one protocol, "
            "and between protocols that differ in one thing.",
            (spread_table(result),),
        ),
        Section(
            "limits",
            "Very little, and nothing",
            "Methods that count bright voxels read 0 where nothing is, and nothing of "
            "small deposits either.",
            (
                below_table(result),
                *(
                    limits_table(result, a)
                    for a in (Axis.NOISE, Axis.BODY, Axis.TISSUE)
                ),
            ),
        ),
        Section(
            "found",
            "Found by itself",
            "Calcitrace alone is asked to find deposits; rivals have no such part.",
            found_tables(result),
        ),
        Section(
            "volume",
            "Volume",
            "For deposits whose volume an estimator states.",
            volume_tables(result),
        ),
    )
    said = [replace(s, tables=tuple(filter(_says, s.tables))) for s in made]
    return tuple(s for s in said if s.tables)


def _says(table: Table) -> bool:
    """Whether a table has any figure."""
    return any(entry.text != DASH for row in table.rows for entry in row.entries)


def _conditions(readings: Sequence[Reading]) -> Table:
    """How the scans were made, one row per condition."""
    met = {(r.condition.name, r.site.scene, r.repeat): r.condition for r in readings}
    rows: list[Row] = []
    for name, group in groupby(sorted(met), key=lambda key: key[0]):
        scans = list(group)
        first = met[scans[0]]
        found = [met[scan].noise_hu for scan in scans]
        noises = [noise for noise in found if noise is not None]
        rows.append(
            Row(typeset(name), "", (*_settings(first), _noise(noises),
                                    Entry(WORDS.number(len(scans)))))
        )  # fmt: skip
    return Table(
        "How the scans were made",
        ("Condition", "Body", "Tube|kV", "Kernel", "Slices|mm", "Dose", "Noise|HU",
         "Scans"),
        tuple(rows),
    )  # fmt: skip


def _settings(condition: Condition) -> tuple[Entry, ...]:
    kvp, thickness = condition.kvp, condition.slice_thickness_mm
    return (
        Entry(condition.body),
        Entry(DASH if kvp is None else WORDS.plain(kvp)),
        Entry(condition.kernel or DASH),
        Entry(DASH if thickness is None else WORDS.plain(thickness)),
        Entry(condition.dose),
    )


def _noise(noises: Sequence[float]) -> Entry:
    """From the quietest scan to the noisiest; a dash where none was measured."""
    if not noises:
        return Entry(DASH)
    low, high = number(min(noises)), number(max(noises))
    return Entry(low if low == high else f"{low}–{high}")
