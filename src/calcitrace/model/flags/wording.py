"""How a flag is worded: name, severity, and a sentence in every language we speak."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a flag does to the result."""

    NOTE = "note"
    WARNING = "warning"
    BLOCKING = "blocking"  # the command ends with exit code 1


@dataclass(frozen=True, slots=True)
class FlagText:
    """Name, severity and wording of one flag; `{detail}` takes the numbers."""

    code: str
    severity: Severity
    en: str
    fr: str
