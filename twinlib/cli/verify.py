"""Compare two photographs, and choose a threshold for a network."""

import json as json_text
from pathlib import Path
from typing import Any, Literal

from twinlib.errors import InputError
from twinlib.ranges import Count, Level

Align = Literal["none", "landmarks"]
Device = Literal["auto", "cpu", "cuda"]
ABSTAINED = 3  # exit code


def verify(
    a: str | None = None,
    b: str | None = None,
    weights: str | None = None,
    threshold: float | None = None,
    align: Align = "landmarks",
    device: Device = "auto",
    picture: str | None = None,
    pairs: str | None = None,
    out: str | None = None,
    json: bool = False,
) -> int:
    """Decide whether two photographs show one person; exit code 0 for yes, 1 for no, 3 if it cannot tell.

    Args:
        a: photograph.
        b: the other.
        weights: folder with model.safetensors and config.json, safetensors file, id of a run, bundled or hub model; the
            pair of networks that ships (YuNet and SFace) if not given.
        threshold: largest distance (1 - cosine score) that is accepted, 0 to 2, so 0.3 accepts scores from 0.7 on; that
            of calibration.json if not given.
        align: find the face, or take an aligned crop as it is; a calibration.json made the other way is refused.
        device: where to compute.
        picture: PNG to draw the decision into.
        pairs: table of many pairs (columns image_a and image_b) instead of a and b.
        out: CSV file for the answers to --pairs.
        json: print one JSON object.
    """
    from twinlib.ranges import DISTANCE, threshold_on

    if threshold is not None:  # before the network is loaded
        threshold_on(DISTANCE, threshold, "--threshold")
    if bool(pairs) != bool(out) or bool(pairs) == bool(a) or bool(a) != bool(b) or (pairs and picture):
        raise InputError("wanted two photographs, or --pairs LIST.csv --out ANSWERS.csv without a picture.")
    from twinlib.verify.verifier import TwinVerifier

    with TwinVerifier.from_pretrained(weights, align=align, device=device) as verifier:
        if pairs:
            from twinlib.verify.many import verify_list

            print(verify_list(verifier, Path(pairs), Path(out or ""), threshold))
            return 0
        found, seen = verifier.decide(str(a), str(b), threshold)
        if picture:
            from twinlib.verify.picture import draw

            one, other = (verifier.recogniser.maps(face) if face else {} for face in seen)
            draw(Path(picture), found, seen, verifier.calibration, (one, other))
    print(json_text.dumps(found, indent=2) if json else in_words(found))
    return ABSTAINED if found["abstained"] else int(not found["verified"])


def in_words(found: dict[str, Any]) -> str:
    """An answer of `TwinVerifier.verify` in a few lines."""
    word = {True: "one person", False: "two people", None: "cannot tell"}[found["verified"]]
    asked = f"{found['score_threshold']:.4f} (distance {found['threshold']:.4f})"
    lines = [f"{word}: score {found['score']:.4f}, threshold {asked}"]
    if found["fmr_at_threshold"] is not None:
        rates = (
            f"false match rate {found['fmr_at_threshold']:.2%}, false non-match rate {found['fnmr_at_threshold']:.2%}"
        )
        lines[0] += f", {rates}"
        lines += [f"threshold and rates: {found['threshold_on']}"] if found["threshold_on"] else []
    lines += [f"reason: {text}" for text in found["reasons"]]
    lines += [f"note: {text}" for text in found["warnings"] + found["notes"]]
    return "\n".join([*lines, f"see also: {found['see_also']}"])


def calibrate(
    weights: str,
    images: str,
    pairs: str | None = None,
    target_fmr: Level = 1e-3,
    kind: str = "all",
    align: Align = "landmarks",
    trust: bool = False,
    device: Device = "auto",
    batch: Count = 64,
    follow_links: bool = False,
) -> None:
    """Choose the threshold for a false match rate, and write calibration.json next to the weights.

    Use other pairs than those you report results on. Pairs with an image without a face are left out.
    Accepted is a score (cosine) that reaches the threshold, or a distance (1 - score) that does not exceed its own.

    Args:
        weights: folder with model.safetensors and config.json, or the id of a run.
        images: folder, zip, .bin or .npz.
        pairs: pairs.txt or a .csv; not for a .bin or .npz.
        target_fmr: false match rate wanted, a fraction.
        kind: impostor pairs that the rate is for: all, stranger, twin (or identical) or sibling; from the column kind
            of a .csv, strangers without one.
        align: find the faces, or take crops as they are; calibration.json records it, and verify and serve must agree.
        trust: read a .bin even though it is a pickle.
        device: where to compute.
        batch: images in each forward pass.
        follow_links: follow links that lead outside the folder.
    """
    import numpy as np

    from twinlib import files
    from twinlib.cli.evaluate import collection_of
    from twinlib.data.text.words import KIND, meant
    from twinlib.measure.kfold import cosine
    from twinlib.measure.verification import joined
    from twinlib.train.stored.embedding import embedded, network
    from twinlib.train.stored.origin import of_run
    from twinlib.train.stored.pretrained import WEIGHTS
    from twinlib.verify import calibrated

    kind = kind if kind == "all" else meant(kind, KIND, "kind", ("all", "stranger", "twin", "sibling"))
    folder = of_run(weights) or Path(weights)
    if not (folder / WEIGHTS).is_file():
        raise InputError(f"{folder} holds no {WEIGHTS}. Name the folder of a network.")
    collection = collection_of(images, pairs, trust, 1, follow_links)
    e, f, found, _ = embedded(network(str(folder), None, None), collection, align, device, batch, True)
    row = {name: i for i, name in enumerate(collection.images["image"])}
    ends = [collection.listed[side].map(row).to_numpy() for side in ("image_a", "image_b")]
    seen = found[ends[0]] & found[ends[1]]
    x = joined(e, f, "sum")
    scores = cosine(x[ends[0][seen]], x[ends[1][seen]])
    digest = files.sha256(folder / WEIGHTS)
    chosen = calibrated.choose(np.asarray(scores), collection.listed[seen], target_fmr, kind, digest, align)
    calibrated.write(folder, chosen)
    low, high = chosen.fmr_interval
    both = f"score {chosen.threshold:.4f} or more, distance {chosen.distance:.4f} or less"
    print(f"{folder / calibrated.FILE}: accepted is a {both}; chosen on {chosen.impostors} impostor pairs")
    print(f"false match rate {chosen.fmr:.3%} ({low:.3%} to {high:.3%}), false non-match rate {chosen.fnmr:.3%}")
    print("by kind: " + ", ".join(f"{name} {rate:.3%}" for name, rate in chosen.fmr_by_kind.items()))
    if set(chosen.fmr_by_kind) == {"stranger"}:
        print("note: without a kind, every impostor pair counts as strangers; twins match more often.")
    if left := int((~seen).sum()):
        print(f"note: {left} pairs were left out because no face was found.")
