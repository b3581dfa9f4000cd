"""Calcitrace: measures calcinosis on CT. Research use only.

>>> import calcitrace
>>> scan = calcitrace.read_scan("scan/")  # doctest: +SKIP
>>> result = calcitrace.measure(scan)  # doctest: +SKIP
>>> print(result.total.mass.value, result.total.mass_ci95_mg)  # doctest: +SKIP

Names are loaded when they are first used, so that importing the package costs nothing.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str
    from calcitrace.bootstrap.inserting import insert
    from calcitrace.bootstrap.measuring import (
        measure,
        read_scan,
        segmenter,
        write_result,
    )
    from calcitrace.bootstrap.written import WrittenResult
    from calcitrace.errors import CalcitraceError, InputError, SegmentationError
    from calcitrace.model.acquisition import Acquisition
    from calcitrace.model.calibration import Calibration, Grade
    from calcitrace.model.deposit import (
        Burden,
        Candidate,
        Deposit,
        Reason,
        ShapeClass,
        Status,
    )
    from calcitrace.model.estimate import Estimate, Unit
    from calcitrace.model.flags import Flag, FlagKind, Severity
    from calcitrace.model.grid import Grid
    from calcitrace.model.insertion import (
        Gap,
        InsertedDeposit,
        Insertion,
        InsertionSettings,
        Morphology,
    )
    from calcitrace.model.protocol import (
        AnatomySettings,
        DetectionSettings,
        Protocol,
        QuantificationSettings,
    )
    from calcitrace.model.result import ScanResult
    from calcitrace.model.scan import Scan
    from calcitrace.model.structures import (
        LabelMap,
        Laterality,
        Region,
        Structure,
        StructureKind,
    )
    from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Tissue

__all__ = [
    "Acquisition",
    "AnatomySettings",
    "Burden",
    "CalcitraceError",
    "Calibration",
    "Candidate",
    "Coverage",
    "Deposit",
    "DetectionSettings",
    "Estimate",
    "Flag",
    "FlagKind",
    "Gap",
    "Grade",
    "Grid",
    "HuVolume",
    "InputError",
    "InsertedDeposit",
    "Insertion",
    "InsertionSettings",
    "LabelMap",
    "LabelVolume",
    "Laterality",
    "Morphology",
    "Protocol",
    "QuantificationSettings",
    "Reason",
    "Region",
    "Scan",
    "ScanResult",
    "SegmentationError",
    "Severity",
    "ShapeClass",
    "Status",
    "Structure",
    "StructureKind",
    "Tissue",
    "Unit",
    "WrittenResult",
    "__version__",
    "insert",
    "measure",
    "read_scan",
    "segmenter",
    "write_result",
]

_MODULE_OF = {
    "Acquisition": "model.acquisition",
    "AnatomySettings": "model.protocol",
    "Burden": "model.deposit",
    "CalcitraceError": "errors",
    "Calibration": "model.calibration",
    "Candidate": "model.deposit",
    "Coverage": "model.volume",
    "Deposit": "model.deposit",
    "DetectionSettings": "model.protocol",
    "Estimate": "model.estimate",
    "Flag": "model.flags",
    "FlagKind": "model.flags",
    "Gap": "model.insertion_settings",
    "Grade": "model.calibration",
    "Grid": "model.grid",
    "HuVolume": "model.volume",
    "InputError": "errors",
    "InsertedDeposit": "model.insertion",
    "Insertion": "model.insertion",
    "InsertionSettings": "model.insertion_settings",
    "LabelMap": "model.structures",
    "LabelVolume": "model.volume",
    "Laterality": "model.structures",
    "Morphology": "model.insertion_settings",
    "Protocol": "model.protocol",
    "QuantificationSettings": "model.protocol",
    "Reason": "model.deposit",
    "Region": "model.structures",
    "Scan": "model.scan",
    "ScanResult": "model.result",
    "SegmentationError": "errors",
    "Severity": "model.flags",
    "ShapeClass": "model.deposit",
    "Status": "model.deposit",
    "Structure": "model.structures",
    "StructureKind": "model.structures",
    "Tissue": "model.volume",
    "Unit": "model.estimate",
    "WrittenResult": "bootstrap.written",
    "insert": "bootstrap.inserting",
    "measure": "bootstrap.measuring",
    "read_scan": "bootstrap.measuring",
    "segmenter": "bootstrap.measuring",
    "write_result": "bootstrap.measuring",
}


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562)."""
    if name == "__version__":
        from calcitrace.services.version import version  # noqa: PLC0415 -- loaded on use

        return version()
    if name not in _MODULE_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List public names, loaded or not."""
    return sorted(__all__)
