"""What bodies are made of: mass density and composition, and how it attenuates.

Compositions are mass fractions in per cent of ICRU Report 44 (1989), table 4 and appendix
A, rounded as there; skeleton from ICRP Publication 89 where ICRU has none. Attenuation is
that of the elements (Elam tables, by xraydb), with coherent scatter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import xraydb
from numpy.typing import NDArray

Array = NDArray[np.float64]

EV_PER_KEV = 1000.0
# Crystal density: sets how much tissue a milligram displaces (Handbook of Mineralogy).
HYDROXYAPATITE_G_CM3 = 3.16


@dataclass(frozen=True, slots=True)
class Material:
    """A uniform material.

    Attributes
    ----------
    density_g_cm3
        Mass density.
    percent
        Element -> part of the mass, in per cent.
    """

    name: str
    density_g_cm3: float
    percent: Mapping[str, float]

    def attenuation_per_mm(self, energies_kev: Array) -> Array:
        """Linear attenuation coefficient at photon energies, shape of `energies_kev`."""
        ev = np.asarray(energies_kev, float) * EV_PER_KEV
        total = sum(self.percent.values())
        per_gram = sum(
            part / total * xraydb.mu_elam(element, ev)
            for element, part in self.percent.items()
        )
        return np.asarray(per_gram * self.density_g_cm3 / 10, np.float64)


def _material(name: str, density_g_cm3: float, **percent: float) -> Material:
    return Material(name, density_g_cm3, MappingProxyType(percent))


_ALL = (
    _material("water", 1.0, H=11.19, O=88.81),
    _material("fat", 0.95, H=11.4, C=59.8, N=0.7, O=27.8, Na=0.1, S=0.1, Cl=0.1),
    _material(
        "muscle", 1.05, H=10.2, C=14.3, N=3.4, O=71.0, Na=0.1, P=0.2, S=0.3, Cl=0.1, K=0.4
    ),
    _material(
        "skin", 1.09, H=10.0, C=20.4, N=4.2, O=64.5, Na=0.2, P=0.1, S=0.2, Cl=0.3, K=0.1
    ),
    _material(
        "blood", 1.06, H=10.2, C=11.0, N=3.3, O=74.5, Na=0.1, P=0.1, S=0.2, Cl=0.3,
        K=0.2, Fe=0.1,
    ),
    _material(  # tendon, fascia, capsules: connective tissue
        "fibrous", 1.04, H=9.4, C=20.7, N=6.2, O=62.2, Na=0.6, S=0.6, Cl=0.3
    ),
    _material(
        "cartilage", 1.1, H=9.6, C=9.9, N=2.2, O=74.4, Na=0.5, P=2.2, S=0.9, Cl=0.3
    ),
    _material(
        "cortical_bone", 1.92, H=3.4, C=15.5, N=4.2, O=43.5, Na=0.1, Mg=0.2, P=10.3,
        S=0.3, Ca=22.5,
    ),
    _material(
        "spongy_bone", 1.18, H=8.5, C=40.4, N=2.8, O=36.7, Na=0.1, Mg=0.1, P=3.4, S=0.2,
        Cl=0.2, K=0.1, Ca=7.4, Fe=0.1,
    ),
    _material("yellow_marrow", 0.98, H=11.5, C=64.4, N=0.7, O=23.1, Na=0.1, S=0.1, Cl=0.1),
    _material(
        "red_marrow", 1.03, H=10.5, C=41.4, N=3.4, O=43.9, P=0.1, S=0.2, Cl=0.2, K=0.2,
        Fe=0.1,
    ),
    _material("pmma", 1.19, H=8.05, C=59.99, O=31.96),
    _material("foam", 0.05, H=8.05, C=59.99, O=31.96),
    _material("carbon_fibre", 1.55, C=100.0),
    _material("cotton", 0.25, H=6.2, C=44.4, O=49.4),
    _material("aluminium", 2.7, Al=100.0),
    _material("titanium", 4.51, Ti=100.0),
    _material(  # blood with 10 mg of iodine per cm3
        "enhanced_blood", 1.07, H=10.1, C=10.9, N=3.3, O=73.9, S=0.2, Cl=0.3, K=0.2,
        Fe=0.1, I=0.94,
    ),
    _material("hydroxyapatite", HYDROXYAPATITE_G_CM3, Ca=39.89, P=18.50, O=41.41, H=0.20),
)  # fmt: skip
MATERIALS: Mapping[str, Material] = MappingProxyType({m.name: m for m in _ALL})


@cache
def attenuations_per_mm(
    names: tuple[str, ...], energies_kev: tuple[float, ...]
) -> Array:
    """Linear attenuation of materials, shape (material, energy)."""
    energies = np.asarray(energies_kev)
    return np.stack([MATERIALS[n].attenuation_per_mm(energies) for n in names])
