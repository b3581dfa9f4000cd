"""Names of what a comparison says, for readers; the French is in the catalogue."""

from calcitrace.model.change import Call, DensityCall, Obstacle, Widening
from calcitrace.model.following import State
from calcitrace.services.reporting.language import marked

CALL_WORDS: dict[Call, str] = {
    Call.GROWTH: marked("growth"),
    Call.SHRINKAGE: marked("shrinkage"),
    Call.NO_DETECTABLE_CHANGE: marked("no detectable change"),
    Call.NEW: marked("new"),
    Call.RESOLVED: marked("resolved"),
    Call.NOT_COMPARABLE: marked("not comparable"),
}

DENSITY_WORDS: dict[DensityCall, str] = {
    DensityCall.DENSER: marked("denser at constant volume"),
    DensityCall.SOFTER: marked("softer at constant volume"),
}

STATE_WORDS: dict[State, str] = {
    State.BASELINE: marked("first seen"),
    State.SAME: marked("the same"),
    State.NEW: marked("new"),
    State.RESOLVED: marked("resolved"),
    State.MERGED: marked("merged"),
    State.SPLIT: marked("split"),
    State.OUT_OF_COVERAGE: marked("not covered"),
}

OBSTACLE_WORDS: dict[Obstacle, str] = {
    Obstacle.ALIGNMENT_FAILED: marked("the visits cannot be laid on each other"),
    Obstacle.OUT_OF_COVERAGE: marked("outside of what a visit covers"),
    Obstacle.CUT_BY_SCAN_END: marked("cut by the end of a scan"),
    Obstacle.GRADE_D_ACROSS_KVP: marked(
        "different tube voltages, calibrated by table only (grade D)"
    ),
    Obstacle.UNKNOWN_KVP: marked("tube voltage unknown"),
    Obstacle.REMOVED_BY_SURGERY: marked("removed by surgery"),
    Obstacle.NOT_LOOKED_AT: marked("bone or another deposit lies at its place"),
    Obstacle.NOTHING_MEASURED: marked("no deposit in the part that all visits cover"),
}

WIDENING_WORDS: dict[Widening, str] = {
    Widening.OTHER_SCANNER: marked("another scanner"),
    Widening.UNKNOWN_SCANNER: marked("scanner not stated"),
    Widening.OTHER_KVP: marked("another tube voltage"),
    Widening.OTHER_GRADE: marked("calibrated otherwise"),
    Widening.OTHER_KERNEL: marked("another kernel"),
    Widening.OTHER_SLICE_THICKNESS: marked("another slice thickness"),
}

NOTE_WORDS: dict[str, str] = {
    "removed_by_surgery": marked("removed by surgery"),
    "not_looked_at": marked("its place was not measured"),
    "below_detection_limit": marked("below the detection limit"),
    "cut_by_scan_end": marked("cut by the end of the scan"),
    "found_by_looking": marked("found only by looking at its place"),
    "identity_uncertain": marked("identity uncertain"),
    "recurred": marked("came back"),
}

VERDICT_WORDS: dict[str, str] = {
    "reference": marked("all others are laid on it"),
    "ok": marked("good"),
    "poor": marked("rough"),
    "failed": marked("failed"),
}
