"""Whether a reconstruction kernel is soft or sharp, from its name.

Names as in the manufacturers' DICOM conformance statements. Only the choice between
series rests on it; the blur itself is measured on the image.
"""

import re
from enum import IntEnum


class KernelClass(IntEnum):
    """Fitness for measuring, best first."""

    SOFT = 0
    UNKNOWN = 1
    SHARP = 2


# First match counts.
KERNEL_NAMES: tuple[tuple[str, KernelClass], ...] = (
    # GE
    (r"(SOFT|STANDARD|STND|CHST|CHEST)$", KernelClass.SOFT),
    (r"(DETAIL|LUNG|BONE|BONEPLUS|EDGE|ULTRA|HD.*)$", KernelClass.SHARP),
    # Siemens: letters, then a number that grows with sharpness
    (r"[A-Z]{1,2}([0-3]\d|4[0-5])[A-Z]?$", KernelClass.SOFT),
    (r"(B|H|U|S|T|BR|BV|BL|BF|BS|HR|HV|HC|HP|UR|QR|SA|SB)(4[6-9]|[5-9]\d)[A-Z]?$",
     KernelClass.SHARP),
    # Canon, Toshiba: body, head; bone, lung, high resolution
    (r"FC(0\d|1\d|2\d|4[0-3])$", KernelClass.SOFT),
    (r"FC(3\d|4[4-9]|[5-9]\d)$", KernelClass.SHARP),
    # Philips
    (r"(A|B|C|SA|SB|SC|UA|UB|UC|XA|XB|XC)$", KernelClass.SOFT),
    (r"(D|E|F|L|SD|YA|YB|YC|YD|YE|EA|EB|EC|XCD)$", KernelClass.SHARP),
)  # fmt: skip


def kernel_class(kernel: str) -> KernelClass:
    """Class of a kernel by its name.

    Examples
    --------
    >>> kernel_class("Br38f").name, kernel_class("BONEPLUS").name
    ('SOFT', 'SHARP')
    >>> kernel_class("FC08").name, kernel_class("").name
    ('SOFT', 'UNKNOWN')
    """
    name = kernel.strip().upper()
    for pattern, found in KERNEL_NAMES:
        if re.match(pattern, name):
            return found
    return KernelClass.UNKNOWN
