"""What a body is made of, and where its surfaces are."""

from dataclasses import dataclass, field

from calcitrace.simulation.forms import Form
from calcitrace.simulation.phantom import Part


@dataclass(frozen=True, slots=True)
class Bone:
    """One bone: a form of cortex, and what lies inside it.

    Attributes
    ----------
    name
        By which a scene can name it, such as "tibia".
    form
        Outer surface.
    inside
        Marrow or spongy bone.
    """

    name: str
    form: Form
    inside: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """Soft tissue and bones.

    Attributes
    ----------
    name
        "limb", "child_limb", "trunk" or "hand".
    body_part
        Defined term of DICOM's Body Part Examined.
    skin
        Forms whose union is the whole body.
    soft
        Parts from outside in, without bones.
    fascia
        Outlines of muscle, along which sheets can lie.
    bones
        Cortex of all is painted first, then what is inside.
    """

    name: str
    body_part: str
    skin: tuple[Form, ...]
    soft: tuple[Part, ...]
    fascia: tuple[Form, ...]
    bones: tuple[Bone, ...] = field(default=())

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts in the order in which they are painted."""
        cortex = tuple(Part(b.form, "cortical_bone") for b in self.bones)
        return (*self.soft, *cortex, *(p for b in self.bones for p in b.inside))
