"""How well two readers agree, each number with its interval."""

from calcitrace.analysis.agreement.differences import Differences, differences
from calcitrace.analysis.agreement.intraclass import intraclass
from calcitrace.analysis.agreement.kappa import cohen_kappa
from calcitrace.analysis.agreement.number import Number

__all__ = ["Differences", "Number", "cohen_kappa", "differences", "intraclass"]
