"""The clock: the one place that asks what time it is."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Time with its zone, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
