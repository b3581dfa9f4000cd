"""Identifiers that follow from what they name: the same input gives the same UID."""

import hashlib
import uuid

UUID_ROOT = "2.25"  # DICOM PS3.5 B.2: UIDs derived from a UUID


def derived_uid(*parts: str) -> str:
    """DICOM UID that depends on `parts` alone.

    Parameters
    ----------
    parts
        What the UID names, most general first; no patient data, though none could be
        read back.

    Returns
    -------
    str
        At most 44 characters, under the root 2.25 (DICOM PS3.5 section B.2).

    Examples
    --------
    >>> derived_uid("scan", "1") == derived_uid("scan", "1")
    True
    >>> derived_uid("scan", "1") == derived_uid("scan1")
    False
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    # The version field says "derived from a name"; the hash is stronger than the
    # SHA-1 that version 5 proper uses.
    return f"{UUID_ROOT}.{uuid.UUID(bytes=digest[:16], version=5).int}"
