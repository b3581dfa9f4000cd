"""Whether headers name one patient; nothing of what they say is shown or kept."""

from collections.abc import Sequence

from calcitrace.model.scan import Scan

ATTRIBUTES = ("PatientID", "IssuerOfPatientID")


def patients_differ(scans: Sequence[Scan]) -> tuple[int, ...]:
    """Places, from 1, of scans whose patient identifier differs from the first one's.

    Scans without one (NIfTI, or emptied headers) differ from none.
    """
    named = [(place, _identifier(scan)) for place, scan in enumerate(scans, start=1)]
    known = [(place, name) for place, name in named if name is not None]
    return tuple(place for place, name in known if name != known[0][1])


def _identifier(scan: Scan) -> tuple[str, ...] | None:
    if not scan.headers:
        return None
    header = scan.headers[0]
    values = tuple(str(getattr(header, name, "") or "").strip() for name in ATTRIBUTES)
    return values if values[0] else None
