"""Mass, volume, density, shape and score of every deposit, each with its error.

`measure_deposits` is the stage; the modules beside it are its steps, in this order: `site`
(cut out), `background`, `bone_spill`, `region`, `volume`, `signal` (sum, error, recovery),
`shape`, `agatston`, `deposits` (put together).
"""

from calcitrace.analysis.quantification.deposits import measure_deposits
from calcitrace.analysis.quantification.measurement import Measurement
from calcitrace.analysis.quantification.site import Context

__all__ = ["Context", "Measurement", "measure_deposits"]
