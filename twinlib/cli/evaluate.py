"""Embed images, and evaluate a network on a pair list."""

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from twinlib.errors import InputError
from twinlib.ranges import Count

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

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
    predictions: str | None = None,
    pictures: str | None = None,
) -> None:
    """Accuracy, AUC, EER and TAR@FAR of a network on a pair list, as benchmarks report them.

    Args:
        images: folder, zip, .bin or .npz of aligned crops (or of photographs, with align landmarks).
        pairs: pairs.txt or a .csv; not for a .bin or .npz.
        model: name of the network, e.g. mobilefacenet; not needed if the settings name it.
        weights: safetensors file, folder with model.safetensors and config.json, or id of a run.
        config: config.json or the run.json of a record, if it is not next to the weights.
        embeddings: .npz that `twinlib embed` wrote, instead of images and network.
        protocol: kfold chooses the threshold of each fold on the other folds.
        flip: feature of the image alone, sum with its mirror image's, or both side by side.
        rule: how a threshold is chosen.
        align: take crops as they are, or find the faces.
        folds: equal blocks of consecutive pairs of a .bin or .npz.
        trust: read a .bin even though it is a pickle.
        device: where to compute.
        batch: images in each forward pass.
        json: print one JSON object.
        follow_links: follow links that lead outside the folder.
        predictions: .csv to write: each pair with its score, its fold's threshold, and whether it was judged right.
        pictures: folder to write to: ROC, score histogram, and the pairs that were furthest wrong.
    """
    import numpy as np

    from twinlib.cli.predictions import keep
    from twinlib.measure.verification import check_list, joined, verify_pairs
    from twinlib.train.stored.embedding import embedded, network

    collection, size = None, 0
    if embeddings is not None:
        names, e, f, listed = _stored(Path(embeddings), pairs)
        said: dict[str, object] = {"embeddings": Path(embeddings).name, "images": len(names)}
    else:
        collection = collection_of(images, pairs, trust, folds, follow_links)
        listed = collection.listed
        check_list(listed["same"].to_numpy(), listed["fold"].to_numpy())
        net = network(weights, model, config)
        names = list(collection.images["image"])
        e, f, _, said = embedded(net, collection, align, device, batch, flip != "off")
        size = net.preprocess.size
        said |= {"model": type(net).__name__, "weights": Path(str(weights)).name, "notes": list(collection.notes)}
    row = {name: i for i, name in enumerate(names)}
    a, b = (listed[side].map(row).to_numpy() for side in ("image_a", "image_b"))
    same, fold = listed["same"].to_numpy(np.int64), listed["fold"].to_numpy(np.int64)
    pairs_of = (joined(e, f, flip), a, b, same, fold)
    result = verify_pairs(*pairs_of, rule, flip)
    told = keep(listed, pairs_of, result, predictions, pictures, collection, size, align)
    if json:
        print(json_text.dumps({"protocol": protocol} | said | result.as_dict(), indent=2))
        return
    print(result, *told, sep="\n")
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
    workers: Count = 1,
    follow_links: bool = False,
) -> None:
    """Write unnormalised features of images and their mirror images to an .npz: names, emb, emb_flip, found.

    Args:
        images: data set, folder, zip, .bin, .npz or .rec.
        out: .npz to write.
        model: name of the network; not needed if the settings name it.
        weights: safetensors file, folder with model.safetensors and config.json, or id of a run.
        config: config.json or the run.json of a record, if it is not next to the weights.
        align: take crops as they are, or find the faces.
        trust: read a .bin even though it is a pickle.
        device: where to compute.
        batch: images in each forward pass.
        workers: processes, each with its own copy of the network; on a CPU one process already uses all cores.
        follow_links: follow links that lead outside the folder.
    """
    if Path(out).suffix != ".npz":
        raise InputError(f"{out}: the name must end in .npz.")
    from twinlib.train.stored.embedding import EmbedStep, embed_to

    embed_to(EmbedStep(images, model, weights, config, align, trust, device, batch, follow_links), Path(out), workers)


def collection_of(
    images: str | None, pairs: str | None, trust: bool, folds: int, follow_links: bool = False
) -> "Collection":
    """Images and pairs that the options name.

    Raises:
        InputError: as `readers.read`, or no images, or pairs twice.
    """
    from twinlib.data.readers import Source, read

    if images is None:
        raise InputError("no images are given. Add --images with a folder, zip, .bin or .npz, or --embeddings.")
    packed = Path(images).suffix.lower() in (".bin", ".npz")
    if packed and pairs:
        raise InputError(f"{images} already contains its pairs. Leave --pairs out.")
    given = Source(Path(images), Path(pairs) if pairs else None, trust, folds, follow_links=follow_links)
    return read(given, "auto" if packed else "pairs")


def _stored(file: Path, pairs: str | None) -> tuple[list[str], "np.ndarray", "np.ndarray | None", "pd.DataFrame"]:
    """Names, features and pairs, from an .npz and a list."""
    import numpy as np

    from twinlib.audit.given.stored_values import BROKEN
    from twinlib.data.readers.lists import resolved

    if pairs is None:
        raise InputError("stored embeddings need a pair list. Add --pairs.")
    if not file.is_file():
        raise InputError(f"{file} does not exist. Write it with `twinlib embed`.")
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            names, e = [str(name) for name in stored["names"]], stored["emb"]
            f = stored["emb_flip"] if "emb_flip" in stored else None
    except (KeyError, ValueError, TypeError, OSError, EOFError, MemoryError, *BROKEN) as error:
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
