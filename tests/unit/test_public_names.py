"""The names that scripts may rely on."""

import importlib
import subprocess
import sys

import calcitrace

PUBLIC = [
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


def test_the_list_is_frozen() -> None:
    assert calcitrace.__all__ == PUBLIC
    assert dir(calcitrace) == PUBLIC


def test_every_name_is_there_and_is_the_one_of_its_module() -> None:
    for name in PUBLIC:
        value = getattr(calcitrace, name)
        if name != "__version__":
            assert getattr(importlib.import_module(value.__module__), name) is value


def test_importing_the_package_loads_nothing_heavy() -> None:
    text = "import sys, calcitrace; print('numpy' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
