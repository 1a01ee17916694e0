"""Features of many images in shares: several processes embed a part each, and one joins them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from twinlib import files

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from twinlib.data.readers import Collection

    Columns = dict[str, np.ndarray]


def key_of(net: "nn.Module", *about: object) -> str:
    """Hash of a network's weights and of what else decides the features: a share of other features is not joined."""
    import hashlib

    weights = hashlib.sha256()
    for name, value in net.state_dict().items():
        weights.update(name.encode())
        weights.update(value.detach().cpu().contiguous().numpy().tobytes())
    return files.hash_of([type(net).__name__, weights.hexdigest(), *about])


def content(collection: "Collection") -> str:
    """Hash that changes when the images do: of their bytes, or of the names, sizes and times of files."""
    import hashlib

    from twinlib.data.readers import Records
    from twinlib.faces.photos import list_photos

    if isinstance(collection.source, Path):
        return list_photos(collection.source, follow_links=collection.follow_links).sha256
    if isinstance(collection.source, Records):  # too large to be read for this
        stat = collection.source.path.stat()
        return files.hash_of([collection.source.path.name, stat.st_size, stat.st_mtime_ns])
    return files.hash_of({name: hashlib.sha256(stored).hexdigest() for name, stored in collection.source.items()})


def in_shares(
    embed: Callable[["np.ndarray"], "Columns"],
    images: int,
    batch: int,
    out: Path,
    key: str,
    shard: tuple[int, int] | None = None,
) -> "Columns | None":
    """Columns with a row an image: those that shares have left beside `out`, and the rest made now.

    A share takes whole batches, every n-th of them, so that each forward pass sees the images that it would see in one
    run: the joined arrays are bit for bit those of one run on the same device.

    Args:
        embed: from rising rows to columns.
        images: how many there are.
        batch: images of a forward pass.
        out: file that the result goes to; shares lie in a hidden folder beside it until they are joined.
        key: see `key_of`.
        shard: (i, n): make the share of every n-th batch, starting with the i-th, and leave it for a call without.

    Returns:
        All rows in order; None if this was a share.
    """
    import numpy as np

    row, folder = np.arange(images), out.parent / f".parts-{out.stem}-{key[:16]}"
    parts = [_read(file) for file in sorted(folder.glob("*.npz"))]
    have = np.concatenate([part["row"] for part in parts]) if parts else row[:0]
    i, n = shard or (0, 1)
    left = row[(row // batch % n == i) & ~np.isin(row, have)]
    if len(left):
        parts.append({"row": left} | embed(left))
    if shard is None:
        first = np.unique(np.concatenate([part["row"] for part in parts]), return_index=True)[1]  # shares may overlap
        whole = {name: np.concatenate([part[name] for part in parts])[first] for name in parts[0] if name != "row"}
        shutil.rmtree(folder, ignore_errors=True)
        return whole
    if len(left):
        with files.replacing(folder / f"{left[0]:09d}-{i}-of-{n}.npz") as temporary:
            np.savez(temporary, **parts[-1])
    return None


def _read(file: Path) -> "Columns":
    import numpy as np

    with np.load(file) as stored:
        return dict(stored)
