"""A body with calcium in it, before anybody scans it."""

from dataclasses import dataclass

from calcitrace.simulation.forms import Form, Point, Pose

MM3_PER_CM3 = 1000.0


@dataclass(frozen=True, slots=True)
class Part:
    """Everything inside a form is of one material, whatever earlier parts said.

    Attributes
    ----------
    material
        Name in `calcitrace.simulation.materials.MATERIALS`.
    """

    form: Form
    material: str


@dataclass(frozen=True, slots=True)
class Calcification:
    """Hydroxyapatite of one density, which displaces what lies in its place.

    Attributes
    ----------
    name
        The same deposit has the same name at every visit.
    kind
        Shape class: "nodule", "sheet", "cluster", "lobulated", "punctate".
    tissue
        What it lies in: a material's name.
    gap_mm
        Between its surface and the nearest bone; None without bone in the scene.
    depth_mm
        From the skin to its nearest point; None where unknown.
    """

    name: str
    form: Form
    density_mg_cm3: float
    kind: str
    tissue: str
    gap_mm: float | None = None
    depth_mm: float | None = None

    @property
    def volume_mm3(self) -> float:
        """Exact volume."""
        return self.form.volume_mm3

    @property
    def mass_mg(self) -> float:
        """Exact mass."""
        return self.density_mg_cm3 * self.form.volume_mm3 / MM3_PER_CM3

    @property
    def centroid_mm(self) -> Point:
        """Exact centre of mass."""
        return self.form.centroid_mm


@dataclass(frozen=True, slots=True)
class Phantom:
    """What lies on the table.

    Attributes
    ----------
    parts
        Later ones paint over earlier ones; where there is none, there is air.
    deposits
        Forms that do not overlap.
    """

    parts: tuple[Part, ...]
    deposits: tuple[Calcification, ...]

    def moved(self, pose: Pose) -> "Phantom":
        """Return the same body lying elsewhere."""
        return Phantom(
            tuple(Part(p.form.moved(pose), p.material) for p in self.parts),
            tuple(
                Calcification(
                    d.name,
                    d.form.moved(pose),
                    d.density_mg_cm3,
                    d.kind,
                    d.tissue,
                    d.gap_mm,
                    d.depth_mm,
                )
                for d in self.deposits
            ),
        )
