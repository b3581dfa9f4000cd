"""A detector as bytes: a zip of arrays, the same bytes for the same detector."""

import hashlib
import io
import json
import zipfile
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.lib.format import read_array, write_array
from numpy.typing import NDArray

from calcitrace.errors import DetectorError
from calcitrace.model.learned import ComponentStage, Kin, LearnedDetector
from calcitrace.model.trees import Trees

FORMAT = 1
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
META = "meta.json"


def to_bytes(detector: LearnedDetector) -> bytes:
    """Bytes of a file; nothing in them depends on when or where they were made."""
    meta = {
        "format": FORMAT,
        "name": detector.name,
        "slope": detector.stage.slope,
        "offset": detector.stage.offset,
        "limit": detector.kin.limit,
        "voxels": detector.voxels.names,
        "components": detector.stage.trees.names,
        "kin": detector.kin.names,
    }
    members = {META: json.dumps(meta, indent=1).encode()}
    for part, value in (
        ("voxels", detector.voxels),
        ("components", detector.stage.trees),
        ("kin", detector.kin),
    ):
        for name, array in _arrays(value).items():
            members[f"{part}/{name}.npy"] = _npy(array)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return out.getvalue()


def from_bytes(content: bytes) -> LearnedDetector:
    """Detector of a file.

    Raises
    ------
    DetectorError
        If it is no such file, or of another format.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            detector = _read(archive)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        msg = (
            "Expected a detector as `calcitrace train` writes it, got another file "
            f"({error}). Train it again."
        )
        raise DetectorError(msg) from error
    return replace(detector, digest=hashlib.sha256(content).hexdigest())


def _arrays(value: Trees | Kin) -> dict[str, NDArray[Any]]:
    """Fields that are arrays, by name."""
    every: dict[str, Any] = {f.name: getattr(value, f.name) for f in fields(value)}
    return {k: v for k, v in every.items() if isinstance(v, np.ndarray)}


def _read(archive: zipfile.ZipFile) -> LearnedDetector:
    meta: dict[str, Any] = json.loads(archive.read(META))
    if meta["format"] != FORMAT:
        msg = f"format {meta['format']}, not {FORMAT}"
        raise ValueError(msg)

    def arrays(part: str, kind: type) -> dict[str, Any]:
        held = set(archive.namelist())
        names = [f.name for f in fields(kind) if f"{part}/{f.name}.npy" in held]
        return {
            name: read_array(
                io.BytesIO(archive.read(f"{part}/{name}.npy")), allow_pickle=False
            )
            for name in names
        }

    def trees(part: str) -> Trees:
        return Trees(names=tuple(meta[part]), **arrays(part, Trees))

    stage = ComponentStage(trees("components"), meta["slope"], meta["offset"])
    kin = Kin(names=tuple(meta["kin"]), limit=meta["limit"], **arrays("kin", Kin))
    return LearnedDetector(meta["name"], trees("voxels"), stage, kin)


def _npy(array: NDArray[Any]) -> bytes:
    out = io.BytesIO()
    write_array(out, np.ascontiguousarray(array), allow_pickle=False)
    return out.getvalue()
