"""What a data set holds and whether its splits are apart."""

import itertools

import pandas as pd

from twinlib import files
from twinlib.data.manifest import SPLITS, Manifest
from twinlib.faces.find import Faces

YAW_BINS = (0, 15, 30, 45, 60, 90)  # |yaw|, degrees


def counts(manifest: Manifest) -> pd.DataFrame:
    """Families, subjects and images per split and relation, with totals.

    Returns:
        Columns split, relation, families, subjects, images; splits in the usual order.
    """
    grouped = manifest.images.groupby(["split", "relation"], sort=False)
    table = grouped.agg(families=("family", "nunique"), subjects=("subject", "nunique"), images=("image", "size"))
    table = table.reset_index()
    order = table["split"].map({name: i for i, name in enumerate(SPLITS)})
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def split_audit(manifest: Manifest) -> pd.DataFrame:
    """Everything that must not be shared between splits, counted.

    Returns:
        Columns what, shared: families, subjects and identical image files found in more than one split. All must be
        0; the manifest is refused on reading if a family is not.
    """
    images = manifest.images
    shared = {name: int((images.groupby(name)["split"].nunique() > 1).sum()) for name in ("family", "subject")}
    hashes = pd.Series([files.sha256(manifest.root / path) for path in images["path"]], index=images.index)
    shared["identical image file"] = int((images.groupby(hashes)["split"].nunique() > 1).sum())
    return pd.DataFrame({"what": list(shared), "shared": list(shared.values())})


def landmark_rate(manifest: Manifest, faces: Faces) -> pd.DataFrame:
    """How often the detector found a face, by head turn and by occluder.

    Returns:
        Columns group, bin, images, found; groups `all`, `yaw` (bins of |yaw| in degrees) and `occluder`. Groups whose
        factor column the manifest lacks (photographs) are left out.
    """
    images, found = manifest.images, (faces.frame["status"] == "found").to_numpy()
    groups = {"all": pd.Series("all", index=images.index)}
    if "yaw" in images:
        labels = [f"{a}–{b}°" for a, b in itertools.pairwise(YAW_BINS)]
        groups["yaw"] = pd.cut(images["yaw"].abs(), YAW_BINS, labels=labels, include_lowest=True).astype(str)
    if "occluder" in images:
        groups["occluder"] = images["occluder"].astype(str)
    rows = []
    for group, values in groups.items():
        for name, part in pd.Series(found, index=images.index).groupby(values, sort=True):
            rows.append((group, name, len(part), int(part.sum())))
    return pd.DataFrame(rows, columns=["group", "bin", "images", "found"])
