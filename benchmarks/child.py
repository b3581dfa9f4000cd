"""A command in a process of its own, and what it cost."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

KIB_PER_MIB = 1024
# Linux counts the largest resident size in KiB, macOS in bytes.
PEAK_PER_MIB = KIB_PER_MIB**2 if sys.platform == "darwin" else KIB_PER_MIB
NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command said and cost.

    Attributes
    ----------
    cpu_seconds
        Of all its threads, in user and system mode.
    peak_mb
        Largest resident size, in MiB.
    """

    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


def run(command: Sequence[str]) -> Cost:
    """Run a command to its end, whatever its exit code.

    Compiled modules are kept, as an installed program keeps them.
    """
    environment = {k: v for k, v in os.environ.items() if k not in NO_BYTECODE}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        # wait4 tells the cost of this child alone, unlike getrusage for all of them.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Cost(
            exit_code=process.returncode,
            stdout=out.read(),
            stderr=err.read(),
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_mb=usage.ru_maxrss / PEAK_PER_MIB,
        )


def calcitrace(*arguments: str) -> list[str]:
    """Command line of Calcitrace as installed beside this interpreter."""
    return [sys.executable, "-m", "calcitrace", *arguments]
