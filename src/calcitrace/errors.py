"""Every error raised on purpose, one tree.

A message says what was expected, what came, and what to do. It never holds patient
data: a reader may paste it into a public question.
"""


class CalcitraceError(Exception):
    """Root of every error raised on purpose."""


class InputError(CalcitraceError):
    """What was given cannot be used: the command ends with exit code 2."""


class GridMismatchError(InputError):
    """Two images that must share one grid do not."""

    def __init__(self, expected: object, actual: object) -> None:
        self.expected, self.actual = expected, actual
        super().__init__(
            f"Images must share one grid: expected {expected}, got {actual}. "
            "Resample one onto the other first."
        )


class EmptyDepositError(InputError):
    """A measurement was asked of a mask without a voxel."""

    def __init__(self) -> None:
        super().__init__(
            "Expected a deposit with at least one voxel, got an empty mask. "
            "Leave deposits without voxels out of the list."
        )


class UnreadableSourceError(InputError):
    """The source is no image, or one too broken or too large to be read."""


class NoMeasurableSeriesError(UnreadableSourceError):
    """Files were read, but no series among them can be measured."""


class CalibrationError(InputError):
    """A calibration file, or the kVp it is looked up by, cannot be used."""


class ProtocolError(InputError):
    """A protocol file names a setting that does not exist or a value out of range."""


class EditsError(InputError):
    """A reader's corrections cannot be read, or do not fit the scan."""


class ComparisonError(InputError):
    """Visits that cannot be compared, or a wish about them that names what is not."""


class SegmentationError(InputError):
    """A segmenter is missing, failed, or found what cannot belong to the scan."""


class DetectorError(InputError):
    """A trained detector that cannot be read, or scans that none can be trained on."""


class SceneError(InputError):
    """A scene names a setting that does not exist, or asks for what cannot be built."""


class InsertionError(InputError):
    """Synthetic deposits that cannot be made, or a scan that has no room for them."""


class OutputError(CalcitraceError):
    """The result cannot be written where it was asked for; exit code 2 as well."""
