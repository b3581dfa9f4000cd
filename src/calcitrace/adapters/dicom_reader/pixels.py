"""Pixels of one plane: stored values, and CT numbers."""

import struct
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]  # no stubs
from pydicom.dataset import FileDataset
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID

from calcitrace.adapters.archive import ZipMember, reading_members
from calcitrace.adapters.dicom_reader.header import BROKEN
from calcitrace.adapters.dicom_reader.planes import PixelFormat, Plane, Rescale
from calcitrace.errors import UnreadableSourceError

IMPLICIT, LITTLE, BIG = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
)
PIXEL_DATA = (0x7FE0, 0x0010)
UNDEFINED_LENGTH = 0xFFFFFFFF
LONG_FORMS = (b"OB", b"OW", b"UN")

Raw = NDArray[Any]


class PixelReader:
    """Reads planes of one stack; keeps the last multi-frame file that needs decoding."""

    def __init__(self) -> None:
        self._decoded: tuple[int, FileDataset] | None = None

    def stored(self, plane: Plane) -> Raw:
        """Stored values as in the file, shape (row, column), not masked to Bits Stored.

        Raises
        ------
        UnreadableSourceError
            If pixel data are missing, too short, or cannot be decoded.
        """
        with reading_members():
            is_packed_frame = plane.frame is not None and isinstance(
                plane.member, ZipMember
            )
            if plane.pixels.bits_allocated in {16, 32} and not is_packed_frame:
                with plane.member.open() as stream:
                    found = _plain(stream, plane)
                if found is not None:
                    return found
            return self._decode(plane)

    def _decode(self, plane: Plane) -> Raw:
        """Stored values by way of pydicom and its decoders."""
        pixels = plane.pixels
        try:
            data = self._dataset(plane)
            found = pixel_array(data, index=plane.frame, raw=True)
        except (*BROKEN, RuntimeError) as error:
            name = UID(pixels.transfer_syntax).name
            msg = (
                f"Expected pixel data that can be decoded, got {name[:60]} that cannot "
                f"({type(error).__name__}). Export the series again, uncompressed."
            )
            raise UnreadableSourceError(msg) from error
        if found.shape != (pixels.rows, pixels.columns):
            msg = (
                f"Expected {pixels.rows} x {pixels.columns} pixels as the header says, "
                f"got {' x '.join(map(str, found.shape))}. Export the series again."
            )
            raise UnreadableSourceError(msg)
        return found

    def _dataset(self, plane: Plane) -> FileDataset:
        if self._decoded is not None and self._decoded[0] == id(plane.member):
            return self._decoded[1]
        with plane.member.open() as stream:
            data = dcmread(stream, force=True)
        if "TransferSyntaxUID" not in data.file_meta:
            data.file_meta.TransferSyntaxUID = UID(plane.pixels.transfer_syntax)
        if plane.frame is not None:
            self._decoded = id(plane.member), data
        return data


def _plain(stream: BinaryIO, plane: Plane) -> Raw | None:
    """Read uncompressed pixels where they lie; `None` if they are not that plain."""
    pixels = plane.pixels
    if pixels.transfer_syntax not in {IMPLICIT, LITTLE, BIG}:
        return None
    stream.seek(pixels.offset)
    length = _pixel_bytes(stream.read(12), pixels.transfer_syntax)
    if length is None:
        return None
    n_bytes = pixels.rows * pixels.columns * pixels.bits_allocated // 8
    skipped = n_bytes * (plane.frame or 0)
    if length < skipped + n_bytes:
        raise _truncated(length - skipped, n_bytes)
    start = 8 if pixels.transfer_syntax == IMPLICIT else 12
    stream.seek(pixels.offset + start + skipped)
    data = stream.read(n_bytes)
    if len(data) < n_bytes:
        raise _truncated(len(data), n_bytes)
    order = ">" if pixels.transfer_syntax == BIG else "<"
    kind = "i" if pixels.is_signed else "u"
    found = np.frombuffer(data, f"{order}{kind}{pixels.bits_allocated // 8}")
    return found.reshape(pixels.rows, pixels.columns)


def _pixel_bytes(start: bytes, syntax: str) -> int | None:
    """Length of the pixel data element that begins here; `None` if it is another one."""
    order = ">" if syntax == BIG else "<"
    if len(start) < 12 or struct.unpack(order + "HH", start[:4]) != PIXEL_DATA:  # noqa: PLR2004 -- tag, kind and length of an element
        return None
    if syntax != IMPLICIT and start[4:6] not in LONG_FORMS:
        return None
    (length,) = struct.unpack(
        order + "L", start[4:8] if syntax == IMPLICIT else start[8:]
    )
    return None if length == UNDEFINED_LENGTH else int(length)


def _truncated(got: int, expected: int) -> UnreadableSourceError:
    return UnreadableSourceError(
        f"Expected {expected} bytes of pixel data in an image, got {max(got, 0)}. The "
        "file is cut off: copy or export the series again."
    )


def is_padding(stored: Raw, pixels: PixelFormat) -> NDArray[np.bool_] | None:
    """Pixels that hold the padding value; `None` without one (PS3.3 C.7.5.1.1.2)."""
    if pixels.padding is None:
        return None
    limit = pixels.padding if pixels.padding_limit is None else pixels.padding_limit
    low, high = sorted((pixels.padding, limit))
    values = stored
    if stored.dtype.kind == "u" and low < 0:
        # The value is written as signed though pixels are not.
        values = stored.view(stored.dtype.str.replace("u", "i"))
    found = values == low if low == high else (values >= low) & (values <= high)
    return np.asarray(found) if found.any() else None


def significant(stored: Raw, pixels: PixelFormat) -> Raw:
    """Values without the bits above High Bit, which may hold anything (PS3.5 8.1.1)."""
    above = pixels.bits_allocated - 1 - pixels.high_bit
    below = pixels.high_bit + 1 - pixels.bits_stored
    if stored.dtype.kind == "f" or (above <= 0 and below <= 0):
        return stored
    # Shifting up and back down drops them; on signed numbers it extends the sign.
    native = stored.astype(stored.dtype.newbyteorder("="))
    return (native << above) >> (above + below)


def is_whole(rescale: Rescale) -> bool:
    """Whether the CT numbers of whole stored values are whole."""
    return (rescale.slope or 0.5).is_integer() and (
        rescale.intercept or 0.0
    ).is_integer()


def to_hu(stored: Raw, rescale: Rescale, out: NDArray[Any]) -> bool:
    """Write CT numbers into `out`; False if they do not fit its whole numbers.

    Parameters
    ----------
    stored
        Values, shape (row, column).
    out
        int16 or float32, same shape.
    """
    slope, intercept = rescale.slope or 1.0, rescale.intercept or 0.0
    if out.dtype.kind == "f":
        out[...] = stored * np.float64(slope) + intercept
        return True
    limits = np.iinfo(out.dtype)
    ends = [float(v) * slope + intercept for v in (stored.min(), stored.max())]
    if stored.dtype.kind == "f" or min(ends) < limits.min or max(ends) > limits.max:
        return False
    if slope == 1 and stored.dtype.itemsize == out.dtype.itemsize:
        # The sum fits, so sixteen bits that wrap around give it, three times as fast.
        same_size = stored.view(stored.dtype.str.replace("u", "i"))
        np.add(same_size, np.int64(intercept).astype(np.int16), out=out)
    else:
        out[...] = stored.astype(np.int32) * int(slope) + int(intercept)
    return True
