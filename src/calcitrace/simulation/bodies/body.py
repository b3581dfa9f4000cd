"""What a body is made of, and where its surfaces are."""

from dataclasses import dataclass, field

from calcitrace.simulation.bodies.joints import Bends, Joint, bent_forms
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
        "limb", "child_limb", "trunk", "hand" or "leg".
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
    joints
        Where it can bend, along each chain from the trunk outwards.
    """

    name: str
    body_part: str
    skin: tuple[Form, ...]
    soft: tuple[Part, ...]
    fascia: tuple[Form, ...]
    bones: tuple[Bone, ...] = field(default=())
    joints: tuple[Joint, ...] = field(default=())

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts in the order in which they are painted."""
        cortex = tuple(Part(b.form, "cortical_bone") for b in self.bones)
        return (*self.soft, *cortex, *(p for b in self.bones for p in b.inside))

    def bent(self, bends: Bends) -> "Body":
        """Return the same body with joints bent.

        Raises
        ------
        SceneError
            If it has no such joint.
        """
        if not bends:
            return self

        def forms(form: Form) -> tuple[Form, ...]:
            return bent_forms(form, self.joints, bends)

        def parts(part: Part) -> tuple[Part, ...]:
            return tuple(Part(f, part.material) for f in forms(part.form))

        return Body(
            name=self.name,
            body_part=self.body_part,
            skin=tuple(f for form in self.skin for f in forms(form)),
            soft=tuple(p for part in self.soft for p in parts(part)),
            fascia=tuple(f for form in self.fascia for f in forms(form)),
            bones=tuple(
                Bone(
                    bone.name,
                    forms(bone.form)[0],
                    tuple(p for part in bone.inside for p in parts(part)),
                )
                for bone in self.bones
            ),
        )
