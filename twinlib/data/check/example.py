"""A folder as somebody might bring it, made of rendered faces, with the usual faults put in."""

import shutil
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from twinlib import files
from twinlib.data.manifest import Manifest
from twinlib.errors import InputError

FAMILIES = 6
IMAGES = 4  # of each person


def make_example(manifest: Manifest, out: Path) -> Path:
    """Copy a few rendered twins into folders of people, with `pairs.json`, and spoil some files.

    The faults: a person's file under another name, the same picture again in half the size, a cut and an empty file, a
    grey, a blurred, a dark and a lying one, and a list in which one person has a twin in two families.

    Args:
        manifest: a rendered set with identical twins.
        out: folder to make; what it held before is removed.

    Returns:
        `out`.

    Raises:
        InputError: if the set has too few twins.
    """
    twins = manifest.images[manifest.images["relation"] == "mz"]
    families = sorted(twins["family"].unique())[:FAMILIES]
    if len(families) < 3:
        raise InputError(f"{manifest.root} has {len(families)} families of identical twins; the example needs 3.")
    shutil.rmtree(out, ignore_errors=True)
    people = {family: sorted(set(twins["subject"][twins["family"] == family])) for family in families}
    for subject in (name for names in people.values() for name in names):
        for i, path in enumerate(twins["path"][twins["subject"] == subject].iloc[:IMAGES]):
            (out / subject).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(manifest.root / path, out / subject / f"{i}{Path(path).suffix}")
    pairs = [names[:2] for names in people.values()]
    chained = [[people[families[-2]][0], people[families[-1]][0]]]  # one too many: two families become one
    files.write_json(out / "pairs.json", pairs + chained)
    files.write_json(out / "dataset.json", {"kind": "example", "generator_version": _version(manifest.root)})
    _spoil([out / name for names in people.values() for name in names])
    return out


def _spoil(folders: list[Path]) -> None:
    """Put the faults in."""
    first = [sorted(folder.iterdir())[0] for folder in folders]
    shutil.copyfile(first[0], folders[1] / "wrong.jpg")
    stored = first[2].read_bytes()
    (folders[2] / "cut.jpg").write_bytes(stored[: len(stored) // 3])
    (folders[3] / "empty.jpg").touch()
    with Image.open(first[4]) as opened:
        image = opened.convert("RGB")
    image.resize((image.width // 2, image.height // 2)).save(folders[4] / "half.png")
    image.convert("L").filter(ImageFilter.GaussianBlur(4)).save(folders[4] / "grey and blurred.jpg")
    Image.fromarray(np.asarray(image) // 6).save(folders[5] / "dark.png")
    lying = Image.Exif()
    lying[0x0112] = 6
    image.rotate(90, expand=True).save(folders[5] / "lying.jpg", exif=lying)


def _version(root: Path) -> object:
    described = files.read_json(root / "dataset.json")
    return described.get("generator_version") if isinstance(described, dict) else None
