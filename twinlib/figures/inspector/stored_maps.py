"""Attention and asymmetry maps of the shown images, one byte a token: small enough to be committed with a record."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from jaxtyping import Float, UInt8

from twinlib import paths
from twinlib.errors import InputError
from twinlib.faces.align import REGIONS
from twinlib.files import replacing

if TYPE_CHECKING:
    from twinlib.ahan.ahan import AHAN
    from twinlib.models.network import Network


BATCH = 32
TOKEN, ASYMMETRY = "class token", "asymmetry"  # layers without a scale


@dataclass(frozen=True, eq=False)
class Maps:
    """Maps of N images on the token grid.

    Attributes:
        images: names.
        layers: name → maps. `eyes@2` is what the eyes read at scale 2; `class token@0` and `asymmetry@0` have no scale.
            255 is the most read token of an image; for asymmetry the largest of all images, so that faces compare.
    """

    images: tuple[str, ...]
    layers: dict[str, UInt8[np.ndarray, "N H W"]]

    def of(self, image: str) -> dict[str, UInt8[np.ndarray, "H W"]]:
        """Every layer of one image."""
        i = self.images.index(image)
        return {name: maps[i] for name, maps in self.layers.items()}

    def regions(self) -> list[str]:
        """What can be looked at, in order."""
        return list(dict.fromkeys(name.split("@")[0] for name in self.layers))

    def scales(self) -> list[str]:
        """Scales of the regions, in order."""
        return list(dict.fromkeys(scale for name in self.layers if (scale := name.split("@")[1]) != "0"))


def layer(maps: dict[str, np.ndarray], region: str, scale: str) -> np.ndarray | None:
    """The map of a region at a scale, or its only one."""
    return maps.get(f"{region}@{scale}", maps.get(f"{region}@0"))


def maps_of(
    model: "Network",
    images: Sequence[str],
    crops: UInt8[np.ndarray, "N S S 3"],
    boxes: Float[np.ndarray, "N 4 4"],
) -> Maps | None:
    """Maps of a trained network.

    Args:
        model: a plain ViT, or AHAN with any of its modules.
        images: names.
        crops: RGB crops.
        boxes: detector's region boxes in [0, 1].

    Returns:
        None for a network without tokens in places of a grid.
    """
    import torch

    from twinlib.ahan.maps import face_maps
    from twinlib.data.feed.augment import normalise

    if not getattr(model, "placed", False):
        return None
    found: dict[str, list[np.ndarray]] = {}
    scales = getattr(getattr(model, "hca", None), "scales", ())
    for i in range(0, len(images), BATCH):
        given = torch.from_numpy(np.array(crops[i : i + BATCH])), torch.from_numpy(np.array(boxes[i : i + BATCH]))
        seen = face_maps(cast("AHAN", model), normalise(given[0]), given[1].float())
        found.setdefault(f"{TOKEN}@0", []).append(seen.token.numpy())
        if seen.attention is not None:
            for k, (r, region) in ((k, each) for k in range(seen.attention.shape[2]) for each in enumerate(REGIONS)):
                scale = scales[k]
                found.setdefault(f"{region}@{scale}", []).append(seen.attention[:, r, k].numpy())
        if seen.asymmetry is not None:
            found.setdefault(f"{ASYMMETRY}@0", []).append(seen.asymmetry.numpy())
    return quantised(images, {name: np.concatenate(parts) for name, parts in found.items()})


def quantised(images: Sequence[str], layers: dict[str, Float[np.ndarray, "N H W"]]) -> Maps:
    """One byte a token.

    Raises:
        InputError: a value is NaN or negative.
    """
    for name, values in layers.items():
        if not (values >= 0).all():
            raise InputError(f"maps: {name} holds NaN or negative values. Take them from a trained network.")
    tops = {
        name: values.max() if name.startswith(ASYMMETRY) else values.max(axis=(1, 2), keepdims=True)
        for name, values in layers.items()
    }
    scaled = {name: np.round(255 * v / np.maximum(tops[name], 1e-12)).astype(np.uint8) for name, v in layers.items()}
    return Maps(tuple(images), scaled)


def stored_file(run_id: str) -> Path:
    """Where the maps of a committed record lie, beside the records; weights are too large to be committed."""
    return paths.results_dir() / "inspector" / f"{run_id}.npz"


def write_maps(file: Path, maps: Maps) -> None:
    """Write maps as a compressed `.npz`."""
    with replacing(file) as temporary:
        np.savez_compressed(temporary, images=np.array(maps.images), **maps.layers)


def read_maps(file: Path) -> Maps:
    """Read what `write_maps` wrote.

    Raises:
        InputError: the file is missing or is something else.
    """
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as read:
            images = tuple(map(str, read["images"]))
            return Maps(images, {name: read[name] for name in read if name != "images"})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        remedy = "Make it with `twinlib inspect RUN --store-maps true`."
        raise InputError(f"{file} holds no maps ({error}). {remedy}") from error
