"""What each track is at each visit: baseline, same, new, resolved, merged, split."""

from collections import Counter
from collections.abc import Mapping

from calcitrace.analysis.change import compared, decisions
from calcitrace.analysis.change.weighing import std_mg
from calcitrace.model.change import Call
from calcitrace.model.comparison import TrackAt
from calcitrace.model.following import Node, Presence, State, Track
from calcitrace.services.comparing.changes import Known, obstacle
from calcitrace.services.comparing.standing import Standing

# Calls of consecutive visits, by track, visit before and visit.
Calls = Mapping[tuple[int, int, int], Call]


def track_states(
    track: Track, known: Known, calls: Calls, uids: Mapping[Node, str]
) -> tuple[TrackAt, ...]:
    """A track at every visit, in order."""
    found: list[TrackAt] = []
    states: dict[int, State] = {}
    for visit in sorted(known.placed):
        standing = known.standings[track.track_id, visit]
        state = _state(track, visit, known, calls, states)
        states[visit] = state
        nodes = track.at(visit)
        weighed = standing.weighed
        measuring = known.placed[visit].visit.measuring
        found.append(
            TrackAt(
                track_id=track.track_id,
                visit=visit,
                deposit_ids=tuple(n.deposit_id for n in nodes),
                tracking_uids=tuple(uids[n] for n in nodes),
                state=state,
                presence=standing.presence,
                weighed=weighed,
                std_mg=None if weighed is None else std_mg(weighed, measuring),
                covered=standing.covered,
                notes=_notes(track, standing, states, visit),
            )
        )
    return tuple(found)


def _state(
    track: Track,
    visit: int,
    known: Known,
    calls: Calls,
    states: Mapping[int, State],
) -> State:
    standing = known.standings[track.track_id, visit]
    if standing.presence is Presence.REMOVED:
        return State.RESOLVED
    if standing.weighed is None:
        return State.OUT_OF_COVERAGE
    earlier = [v for v in states if states[v] is not State.OUT_OF_COVERAGE]
    if not earlier:
        return State.BASELINE
    before = max(earlier)
    call = _call(track, before, visit, known, calls)
    was = known.standings[track.track_id, before]
    if standing.is_seen and not was.is_seen:
        return State.NEW if call in {Call.NEW, Call.GROWTH} else State.SAME
    if standing.is_seen:
        return _structure(track, visit)
    is_gone = states[before] is State.RESOLVED or (
        was.is_seen and call in {Call.RESOLVED, Call.SHRINKAGE}
    )
    return State.RESOLVED if is_gone else State.SAME


def _call(
    track: Track, before: int, visit: int, known: Known, calls: Calls
) -> Call | None:
    """Call between a visit and the last one that tells something of the track."""
    called = calls.get((track.track_id, before, visit))
    if called is not None:
        return called
    pair = (before, visit)
    one, other = (known.standings[track.track_id, v] for v in pair)
    if one.weighed is None or other.weighed is None:
        return None
    if known.agreement(pair).obstacle or obstacle(one) or obstacle(other):
        return None
    test = compared(
        one.weighed, other.weighed, known.measuring(pair), known.agreement(pair)
    )
    return decisions([test], known.settings.false_call_rate)[0].call


def _structure(track: Track, visit: int) -> State:
    """Merged or split if the graph says so at this visit."""
    arriving = [link for link in track.links if link.after.visit == visit]
    into = Counter(link.after for link in arriving)
    out_of = Counter(link.before for link in arriving)
    most_into = max(into.values(), default=0)
    most_out = max(out_of.values(), default=0)
    if most_into > 1 and len(out_of) >= len(into):
        return State.MERGED
    return State.SPLIT if most_out > 1 else State.SAME


def _notes(
    track: Track, standing: Standing, states: Mapping[int, State], visit: int
) -> tuple[str, ...]:
    """Codes of what is to be said of a track at a visit, in alphabetical order."""
    notes: set[str] = set()
    mass = standing.weighed
    if standing.presence is Presence.REMOVED:
        notes.add("removed_by_surgery")
    if standing.presence is Presence.NOT_LOOKED_AT:
        notes.add("not_looked_at")
    if mass is not None and mass.is_below_limit:
        notes.add("below_detection_limit")
    if mass is not None and mass.is_lower_bound:
        notes.add("cut_by_scan_end")
    if standing.presence is Presence.LOOKED_AT and standing.is_seen:
        notes.add("found_by_looking")
    if track.is_identity_uncertain:
        notes.add("identity_uncertain")
    earlier = [states[v] for v in states if v < visit]
    if State.RESOLVED in earlier and standing.is_seen:
        notes.add("recurred")
    return tuple(sorted(notes))
