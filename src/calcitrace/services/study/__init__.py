"""Scan simulated bodies, measure them in every way, and hand on readings.

`suites` says what is scanned, `scanner` how a scanner is calibrated, `truth` what is
known of a scan, `measuring` what is read on it, `running` puts them in order.
"""

from calcitrace.services.study.running import run_suite
from calcitrace.services.study.suites import FULL, QUICK, Setup, Suite

__all__ = ["FULL", "QUICK", "Setup", "Suite", "run_suite"]
