"""Embed images: in parts that are kept until all are there, by this process, by several, or by a cluster."""

import shutil
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from twinlib import files
from twinlib.errors import InputError
from twinlib.parts.resumed import Columns, joined, make_parts, parts_of

if TYPE_CHECKING:
    from twinlib.data.readers import Collection
    from twinlib.faces.crops import Align
    from twinlib.models.network import Network

PART = 2048  # images, and as many more as fill a batch: what an interrupted run may lose


def embed_to(step: "EmbedStep", out: Path, workers: int = 1) -> None:
    """Write the features of a source to an .npz, in parts that are kept until all are there (where: `parts.jobs`).

    Args:
        step: what of what.
        out: .npz to write: names, emb, emb_flip, found.
        workers: processes, each with the network.
    """
    began = time.perf_counter()
    with step:
        names, key = step.names(), step.key()
    folder = parts_of(out.parent, f"parts-{out.name}", key[:16])
    rows, size = range(len(names)), step.batch * -(-PART // step.batch)  # whole batches: the forward passes of one run
    whole = joined(make_parts(partial(EmbedStep, *step.given), rows, folder, workers, "embedding", size))
    with files.replacing(out) as temporary:
        np.savez(temporary, names=np.array(names), **whole)
    shutil.rmtree(folder)
    speed = len(names) / (time.perf_counter() - began)
    print(f"{out}: {len(names)} images, {whole['emb'].shape[1]} numbers each, {speed:.1f} images/s")


class EmbedStep:
    """From rows of a source to the features of its images; source and network are opened once a process.

    Args:
        images: source; `model` … `follow_links`: as `twinlib embed` has them.
    """

    def __init__(
        self,
        images: str,
        model: str | None,
        weights: str | None,
        config: str | None,
        align: "Align",
        trust: bool,
        device: str,
        batch: int,
        follow_links: bool,
    ) -> None:
        weights = str(Path(weights).absolute()) if weights and Path(weights).exists() else weights
        config = str(Path(config).absolute()) if config else None
        self.given = (_source(images), model, weights, config, align, trust, device, batch, follow_links)
        self.align, self.device, self.batch = align, device, batch

    def __enter__(self) -> "EmbedStep":
        images, model, weights, config, _, trust, *_, follow_links = self.given
        self.collection = _photographs(images, trust, follow_links)
        self.net = network(weights, model, config)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def names(self) -> list[str]:
        """Names of the images."""
        return [str(name) for name in self.collection.images["image"]]

    def key(self) -> str:
        """Hash of what decides the features."""
        from twinlib.models.features import key_of

        return key_of(self.net, self.names(), self.collection.content(), self.align, self.batch)

    def rows(self, items: range) -> Columns:
        """Straight and mirrored features of some rows, and which had a face."""
        chosen = replace(self.collection, images=self.collection.images.iloc[list(items)])
        e, f, found, _ = embedded(self.net, chosen, self.align, self.device, self.batch, True, shown=False)
        return {"emb": e, "found": found} | ({} if f is None else {"emb_flip": f})


def _source(images: str) -> str:
    """The same for every machine: an absolute path."""
    from twinlib.data.manifest import dataset_root

    return str((Path(images) if Path(images).exists() else dataset_root(images)).absolute())


def _photographs(images: str, trust: bool, follow_links: bool) -> "Collection":
    """All images of a source, without pairs."""
    import pandas as pd

    from twinlib.data.readers import Collection, Source, read
    from twinlib.faces.photos import list_photos

    path = Path(images)
    if path.suffix.lower() in (".bin", ".npz", ".rec"):
        return read(Source(path, trust=trust, folds=1))
    photos = list_photos(path, follow_links=follow_links)
    table = pd.DataFrame({"image": photos.images, "path": photos.paths})
    return Collection(table, None, photos.source, follow_links=follow_links)


def embedded(
    net: "Network", collection: "Collection", align: "Align", device: str, batch: int, flip: bool, shown: bool = True
) -> tuple["np.ndarray", "np.ndarray | None", "np.ndarray", dict[str, object]]:
    """Straight and mirrored features, which images had a face, and what to say about them."""
    from twinlib.faces.crops import crops_of
    from twinlib.models.features import features
    from twinlib.train.run import resolve_device

    path_of, size = list(collection.images["path"]), net.preprocess.size
    began = time.perf_counter()
    with collection.reading() as read:
        crops = crops_of(path_of, read, size, align)
        e, f, found = features(net, crops, len(path_of) * shown, resolve_device(device), batch, flip)
    seconds = time.perf_counter() - began
    said = {"images": len(path_of), "images_per_second": len(path_of) * (1 + flip) / seconds, "align": align}
    return e, f, found, said | {"faces_not_found": int((~found).sum())}


def network(weights: str | None, model: str | None, config: str | None) -> "Network":
    """The network that the options name.

    Raises:
        InputError: as `pretrained.load`, or no weights are named.
    """
    from twinlib.train.stored.origin import of_run
    from twinlib.train.stored.pretrained import load

    if weights is None:
        raise InputError("no weights are named. Add --weights with a .safetensors file or a folder.")
    return load(of_run(weights) or Path(weights), model, Path(config) if config else None)
