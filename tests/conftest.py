"""What all tests share: real scans, outside programs, repeatable property tests."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

REAL_DATA = "CALCITRACE_REAL_DATA"

# One profile for all machines: the same examples on every run, and no deadline, since
# a loaded machine is no failure.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def is_ci() -> bool:
    """Whether nothing may be skipped for want of a program or of data."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def skip_unless_ci(reason: str) -> None:
    """Skip a test for want of something; where everything is installed, fail it."""
    if is_ci():
        pytest.fail(f"{reason} A skip is a failure here.")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real scans, read-only."""
    named = os.environ.get(REAL_DATA, "")
    if not named:
        skip_unless_ci(f"{REAL_DATA} does not name a folder of real scans.")
    folder = Path(named)
    if not folder.is_dir():
        skip_unless_ci(f"{REAL_DATA} names no folder.")
    return folder


@pytest.fixture(scope="session")
def dciodvfy() -> Path:
    """Debian's DICOM validator, of the package dicom3tools."""
    return program("dciodvfy")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of Debian's Chromium."""
    return program("chromium")


def program(name: str) -> Path:
    """Path of an outside program; without it the test is skipped, in CI failed."""
    found = shutil.which(name)
    if found is None:
        skip_unless_ci(f"{name} is not installed.")
    return Path(str(found))
