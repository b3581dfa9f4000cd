"""`key_images/`: a picture of every deposit as a file, to be looked at while deciding.

The subject is outlined in one colour whatever was decided on it, and no number, status or
name is in the picture: a blinded reader may look at it.
"""

from pathlib import Path

from calcitrace.adapters.key_images import KeyImage, Picture, key_images
from calcitrace.adapters.pictures import Drawing, side_by_side
from calcitrace.model.result import ScanResult

FOLDER = "key_images"
NO_LETTERS = ("", "", "", "")


class KeyImageFiles:
    """Writes `key_images/1.png` and on, by number of the deposit."""

    def write(self, result: ScanResult, folder: Path, *, lang: str) -> tuple[Path, ...]:
        """Write all pictures and return their folder; the language changes nothing."""
        del lang
        target = folder / FOLDER
        target.mkdir()
        for number, image in key_images(result, result.deposits).items():
            (target / picture_name(number)).write_bytes(_png(image))
        return (target,)


def picture_name(deposit_id: int) -> str:
    """Name of the picture of a deposit."""
    return f"{deposit_id}.png"


def _png(image: KeyImage) -> bytes:
    """Outlined slice, and beside it the same nearer in a bone window."""
    loops = [
        (loop, outline.is_subject)
        for outline in image.outlines
        for loop in outline.loops
    ]
    return side_by_side(
        [
            (image.context.png, _drawing(image.context, loops, image.letters)),
            (image.close.png, _drawing(image.close, [], NO_LETTERS)),
        ]
    )


def _drawing(
    picture: Picture,
    loops: list[tuple[tuple[tuple[float, float], ...], bool]],
    letters: tuple[str, str, str, str],
) -> Drawing:
    bar = f"{picture.scale_bar_mm:g} mm"
    return Drawing(loops, letters, picture.scale_bar_px, bar)
