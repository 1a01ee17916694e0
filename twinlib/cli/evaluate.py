"""Embed images, and evaluate a network on a pair list."""

import json as json_text
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from twinlib.errors import InputError
from twinlib.ranges import Count

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import nn

    from twinlib.data.readers import Collection

Flip = Literal["off", "sum", "concat"]
Rule = Literal["midpoints", "insightface", "sphereface"]
Align = Literal["none", "landmarks"]
Device = Literal["auto", "cpu", "cuda"]


def evaluate(
    images: str | None = None,
    pairs: str | None = None,
    model: str | None = None,
    weights: str | None = None,
    config: str | None = None,
    embeddings: str | None = None,
    protocol: Literal["kfold"] = "kfold",
    flip: Flip = "sum",
    rule: Rule = "midpoints",
    align: Align = "none",
    folds: Count = 10,
    trust: bool = False,
    device: Device = "auto",
    batch: Count = 64,
    json: bool = False,
    follow_links: bool = False,
) -> None:
    """Accuracy, AUC, EER and TAR@FAR of a network on a pair list, as benchmarks report them.

    Args:
        images: folder, zip, .bin or .npz of aligned crops (or of photographs, with align landmarks).
        pairs: pairs.txt or a .csv; not for a .bin or .npz.
        model: name of the network, e.g. mobilefacenet; not needed where the settings name it.
        weights: safetensors file, folder with model.safetensors and config.json, or id of a run.
        config: config.json or the run.json of a record, if it does not lie beside the weights.
        embeddings: .npz that `twinlib embed` wrote, instead of images and network.
        protocol: kfold takes the threshold of a fold from the other folds.
        flip: feature of the image alone, sum with its mirror image's, or both side by side.
        rule: how a threshold is chosen.
        align: take crops as they are, or find the faces.
        folds: equal blocks of consecutive pairs of a .bin or .npz.
        trust: read a .bin although it is a pickle.
        device: where to compute.
        batch: images a forward pass.
        json: print one JSON object.
        follow_links: enter links to folders outside, and read what is there.
    """
    import numpy as np

    from twinlib.measure.verification import check_list, joined, verify_pairs

    if embeddings is not None:
        names, e, f, listed = _stored(Path(embeddings), pairs)
        said: dict[str, object] = {"embeddings": Path(embeddings).name, "images": len(names)}
    else:
        collection = collection_of(images, pairs, trust, folds, follow_links)
        check_list(collection.pairs["same"].to_numpy(), collection.pairs["fold"].to_numpy())
        net = network(weights, model, config)
        names = list(collection.images["image"])
        e, f, _, said = embedded(net, collection, align, device, batch, flip != "off")
        listed = collection.pairs
        said |= {"model": type(net).__name__, "weights": Path(str(weights)).name, "notes": list(collection.notes)}
    row = {name: i for i, name in enumerate(names)}
    a, b = (listed[side].map(row).to_numpy() for side in ("image_a", "image_b"))
    same, fold = listed["same"].to_numpy(np.int64), listed["fold"].to_numpy(np.int64)
    result = verify_pairs(joined(e, f, flip), a, b, same, fold, rule, flip)
    if json:
        print(json_text.dumps({"protocol": protocol} | said | result.as_dict(), indent=2))
        return
    print(result)
    if "images_per_second" in said:
        speed = f"{said['images_per_second']:.1f} images/s"
        print(f"{said['images']} images, {speed}, {said['faces_not_found']} without a face")


def embed(
    images: str,
    out: str,
    model: str | None = None,
    weights: str | None = None,
    config: str | None = None,
    align: Align = "none",
    trust: bool = False,
    device: Device = "auto",
    batch: Count = 64,
    shard: str | None = None,
    follow_links: bool = False,
) -> None:
    """Write features of images and of their mirror images, not normalised, to an .npz: names, emb, emb_flip, found.

    Args:
        images: data set, folder, zip, .bin, .npz or .rec.
        out: .npz to write.
        model: name of the network; not needed where the settings name it.
        weights: safetensors file, folder with model.safetensors and config.json, or id of a run.
        config: config.json or the run.json of a record, if it does not lie beside the weights.
        align: take crops as they are, or find the faces.
        trust: read a .bin although it is a pickle.
        device: where to compute.
        batch: images a forward pass.
        shard: i/n does a part of the images only; the same command without it joins them.
        follow_links: enter links to folders outside, and read what is there.
    """
    import numpy as np

    from twinlib import files
    from twinlib.cli.on_runs import shard_of
    from twinlib.models.features import key_of
    from twinlib.parts import in_shares

    if Path(out).suffix != ".npz":
        raise InputError(f"{out}: wanted an ending of .npz.")
    part = shard_of(shard) if shard else None
    collection, net = _photographs(images, trust, follow_links), network(weights, model, config)
    names = np.array([str(name) for name in collection.images["image"]])

    def of_rows(rows: np.ndarray) -> dict[str, np.ndarray]:
        chosen = replace(collection, images=collection.images.iloc[rows])
        e, f, found, said = embedded(net, chosen, align, device, batch, True)
        print(f"{len(rows)} images, {said['images_per_second']:.1f} images/s")
        return {"emb": e, "emb_flip": f, "found": found}

    key = key_of(net, names.tolist(), collection.content(), align, batch)
    whole = in_shares(of_rows, len(names), batch, Path(out), key, part)
    if whole is None:
        print(f"share {shard} of {out} is done; the same command without --shard joins the shares")
        return
    with files.replacing(Path(out)) as temporary:
        np.savez(temporary, names=names, **whole)
    print(f"{out}: {len(names)} images, {whole['emb'].shape[1]} numbers each")


def embedded(
    net: "nn.Module", collection: "Collection", align: str, device: str, batch: int, flip: bool
) -> tuple["np.ndarray", "np.ndarray | None", "np.ndarray", dict[str, object]]:
    """Straight and mirrored features, which images had a face, and what to say about them."""
    from twinlib.faces.crops import crops_of
    from twinlib.models.features import features
    from twinlib.train.run import resolve_device

    path_of, size = list(collection.images["path"]), net.preprocess.size
    began = time.perf_counter()
    with collection.reading() as read:
        crops = crops_of(path_of, read, size, align)  # type: ignore[arg-type]
        e, f, found = features(net, crops, len(path_of), resolve_device(device), batch, flip)
    seconds = time.perf_counter() - began
    said = {"images": len(path_of), "images_per_second": len(path_of) * (1 + flip) / seconds, "align": align}
    return e, f, found, said | {"faces_not_found": int((~found).sum())}


def network(weights: str | None, model: str | None, config: str | None) -> "nn.Module":
    """The network that the options name.

    Raises:
        InputError: as `pretrained.load`, or no weights are named.
    """
    from twinlib.train.stored.origin import of_run
    from twinlib.train.stored.pretrained import load

    if weights is None:
        raise InputError("no weights are named. Add --weights with a .safetensors file or a folder.")
    return load(of_run(weights) or Path(weights), model, Path(config) if config else None)


def collection_of(
    images: str | None, pairs: str | None, trust: bool, folds: int, follow_links: bool = False
) -> "Collection":
    """Images and pairs that the options name.

    Raises:
        InputError: as `readers.read`, or no images, or pairs twice.
    """
    from twinlib.data.readers import Source, read

    if images is None:
        raise InputError("no images are named. Add --images with a folder, zip, .bin or .npz, or --embeddings.")
    packed = Path(images).suffix.lower() in (".bin", ".npz")
    if packed and pairs:
        raise InputError(f"{images} holds its own pairs. Leave --pairs out.")
    given = Source(Path(images), Path(pairs) if pairs else None, trust, folds, follow_links=follow_links)
    return read(given, "auto" if packed else "pairs")


def _photographs(images: str, trust: bool, follow_links: bool) -> "Collection":
    """All images of a source, without pairs."""
    import pandas as pd

    from twinlib.data.manifest import dataset_root
    from twinlib.data.readers import Collection, Source, read
    from twinlib.faces.photos import list_photos

    path = Path(images) if Path(images).exists() else dataset_root(images)
    if path.suffix.lower() in (".bin", ".npz", ".rec"):
        return read(Source(path, trust=trust, folds=1))
    photos = list_photos(path, follow_links=follow_links)
    table = pd.DataFrame({"image": photos.images, "path": photos.paths})
    return Collection(table, None, photos.source, follow_links=follow_links)


def _stored(file: Path, pairs: str | None) -> tuple[list[str], "np.ndarray", "np.ndarray | None", "pd.DataFrame"]:
    """Names, features and pairs, from an .npz and a list."""
    import numpy as np

    from twinlib.data.readers.lists import resolved

    if pairs is None:
        raise InputError("stored embeddings need a pair list. Add --pairs.")
    if not file.is_file():
        raise InputError(f"{file} does not exist. Write it with `twinlib embed`.")
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            names, e = [str(name) for name in stored["names"]], stored["emb"]
            f = stored["emb_flip"] if "emb_flip" in stored else None
    except (KeyError, ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{file} holds no embeddings ({error}). Write it with `twinlib embed`.") from error
    for name, rows in {"emb": e, "emb_flip": e if f is None else f}.items():
        if rows.ndim != 2 or rows.shape != e.shape or len(rows) != len(names) or not np.isfinite(rows).all():
            raise InputError(
                f"{file}: {name}: wanted finite numbers, a row for each of {len(names)} names, columns as emb has; "
                f"found {list(rows.shape)} of {rows.dtype}. Write it with `twinlib embed`."
            )
    if len({*names}) < len(names):
        raise InputError(f"{file}: a name occurs twice. Write it with `twinlib embed`.")
    listed, _ = resolved(Path(pairs), names, names)
    return names, e, f, listed
