"""The tables of the benchmark, in Markdown."""

import math
from collections.abc import Callable, Iterator, Sequence

from benchmarks.detection.figures import (
    TOUCHING_MM,
    Figure,
    calibration_error,
    clicks,
    false_candidates,
    mean,
    middle,
    per_scan,
    reliability,
    sensitivity,
)
from benchmarks.detection.running import Outcome
from benchmarks.detection.scoring import FoundDeposit, Score
from calcitrace.model.insertion import Morphology

Group = tuple[str, Callable[[FoundDeposit], bool]]
LARGE_MG = 20.0
SHORT_FROM = 100


def _mass(low: float, high: float) -> Callable[[FoundDeposit], bool]:
    return lambda d: low <= d.truth.mass_mg < high


def _is_large(deposit: FoundDeposit) -> bool:
    return deposit.truth.mass_mg >= LARGE_MG


def _touches(deposit: FoundDeposit) -> bool:
    gap = deposit.truth.gap_to_bone_mm
    return gap is not None and gap <= TOUCHING_MM


def _depth(low: float, high: float) -> Callable[[FoundDeposit], bool]:
    def within(deposit: FoundDeposit) -> bool:
        depth = deposit.truth.depth_mm
        return depth is not None and low <= depth < high

    return within


GROUPS: tuple[Group, ...] = (
    ("all", lambda _: True),
    ("**≥ 20 mg, > 1.6 mm from bone**", lambda d: _is_large(d) and not _touches(d)),
    ("**≥ 20 mg, touching bone**", lambda d: _is_large(d) and _touches(d)),
    ("0.25–1 mg", _mass(0, 1)),
    ("1–5 mg", _mass(1, 5)),
    ("5–20 mg", _mass(5, 20)),
    ("20–200 mg", _mass(20, 200)),
    ("> 200 mg", _mass(200, math.inf)),
    ("touching bone (≤ 1.6 mm)", _touches),
    ("> 1.6 mm from bone", lambda d: not _touches(d)),
    ("depth < 5 mm", _depth(0, 5)),
    ("depth 5–15 mm", _depth(5, 15)),
    ("depth > 15 mm", _depth(15, math.inf)),
    ("in fat", lambda d: d.truth.tissue == "fat"),
    ("punctate", lambda d: d.truth.kind is Morphology.PUNCTATE),
    ("nodule", lambda d: d.truth.kind is Morphology.NODULE),
    ("cluster", lambda d: d.truth.kind is Morphology.CLUSTER),
    ("sheet along skin", lambda d: d.truth.along == "skin"),
    ("sheet along fascia", lambda d: d.truth.along == "fascia"),
    ("sheet along bone", lambda d: d.truth.along == "bone"),
    ("tumoral", lambda d: d.truth.kind is Morphology.TUMORAL),
)  # fmt: skip


def tables(outcome: Outcome, name: str) -> str:
    """All tables of one detector."""
    inserted = [s for s in outcome.scores if s.repeat > 0]
    plain = [s for s in outcome.scores if s.repeat == 0]
    lines = [
        f"### Detector: {name}",
        "",
        *_sensitivity(inserted),
        "",
        *_false(inserted, "scans with deposits"),
        *_false(plain, "scans as they are", has_head=False),
        "",
        *_burdens(outcome),
        "",
        *_clicks(inserted),
        "",
        *_reliability(outcome.scores),
        "",
    ]
    if outcome.simulated:
        lines += [
            f"#### Simulated hands and limbs: {name}",
            "",
            *_sensitivity(outcome.simulated),
            "",
            *_false(outcome.simulated),
            "",
        ]
    return "\n".join(lines)


def _sensitivity(scores: Sequence[Score]) -> Iterator[str]:
    deposits = [d for s in scores for d in s.deposits]
    yield "| deposits | number | accepted, % | accepted or in review, % |"
    yield "|---|---|---|---|"
    for title, belongs in GROUPS:
        group = [d for d in deposits if belongs(d)]
        accepted = sensitivity(group, lambda d: d.is_accepted)
        shown = sensitivity(group, lambda d: d.is_shown)
        yield f"| {title} | {len(group)} | {_percent(accepted)} | {_percent(shown)} |"


def _false(
    scores: Sequence[Score], title: str = "all", *, has_head: bool = True
) -> Iterator[str]:
    if has_head:
        yield "| false per scan | scans | mean | median | mean mass, mg | median mass, mg |"
        yield "|---|---|---|---|---|---|"
    for words, with_review in (("accepted", False), ("accepted or in review", True)):
        false = {
            score.patient: [
                false_candidates(s, with_review=with_review)
                for s in scores
                if s.patient == score.patient
            ]
            for score in scores
        }
        counts = {p: [len(each) for each in of] for p, of in false.items()}
        masses = {
            p: [sum(c.mass_mg for c in each) for each in of] for p, of in false.items()
        }
        cells = (mean(counts), middle(counts), mean(masses), middle(masses))
        row = " | ".join(_number(cell) for cell in cells)
        yield f"| {words}, {title} | {len(scores)} | {row} |"


def _burdens(outcome: Outcome) -> Iterator[str]:
    yield "| deposit-free scan | accepted | accepted, mg | in review | with review, mg |"
    yield "|---|---|---|---|---|"
    for b in sorted(outcome.burdens, key=lambda b: b.patient):
        yield (
            f"| STS_{b.patient} | {b.n_accepted} | {b.accepted_mg:.1f} | {b.n_review} "
            f"| {b.with_review_mg:.1f} |"
        )


def _clicks(scores: Sequence[Score]) -> Iterator[str]:
    yield "| clicks per scan | mean | median |"
    yield "|---|---|---|"
    kinds: tuple[tuple[str, Callable[[Score], float]], ...] = (
        ("all", lambda s: clicks(s).total),
        ("exclude what is false", lambda s: clicks(s).exclude),
        ("accept what is in review", lambda s: clicks(s).accept),
        ("add what was not shown", lambda s: clicks(s).add),
    )
    for title, value in kinds:
        values = per_scan(scores, value)
        yield f"| {title} | {_number(mean(values))} | {_number(middle(values))} |"


def _reliability(scores: Sequence[Score]) -> Iterator[str]:
    rows = reliability([c for s in scores for c in s.candidates])
    yield "| probability | candidates | said | true |"
    yield "|---|---|---|---|"
    for row in rows:
        yield f"| {row.low:.1f}–{row.high:.1f} | {row.n} | {row.said:.2f} | {row.true:.2f} |"
    yield ""
    yield f"Expected calibration error: {100 * calibration_error(rows):.1f} %."


def _percent(figure: Figure) -> str:
    if not figure.n:
        return "–"
    low, high = 100 * figure.low, 100 * figure.high
    return f"{100 * figure.value:.0f} ({low:.0f} to {high:.0f})"


def _number(figure: Figure) -> str:
    return f"{_short(figure.value)} ({_short(figure.low)} to {_short(figure.high)})"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= SHORT_FROM else f"{value:.3g}"
