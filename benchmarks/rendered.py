"""What the benchmarks of the rendered sets share: a set's test images, the outside judge, rows of AUCs."""

import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch

from syntwins.mesh.head import head
from twinlib import paths
from twinlib.data.manifest import Manifest
from twinlib.data.rendered import prepare
from twinlib.errors import InputError
from twinlib.faces import align
from twinlib.faces.find import Faces
from twinlib.measure.bootstrap import bootstrap_by
from twinlib.models.mobilefacenet import published
from twinlib.progress import progress

WEIGHTS = "weights/mobilefacenet_foamliu_112x112.safetensors"
GREY = 128
OVAL_SCALE = 0.92  # of the face's hull, so that hairline, ears and the seams of the mask stay outside


@dataclass(frozen=True)
class Part:
    """Images of one split of one set: rows of its manifest."""

    name: str
    manifest: Manifest
    faces: Faces
    rows: np.ndarray

    @property
    def images(self) -> pd.DataFrame:
        return self.manifest.images.iloc[self.rows].reset_index(drop=True)

    def landmarks(self) -> np.ndarray:
        """Detector's points in the crop, px, [N, 468, 2]."""
        points, matrix = self.faces.landmarks[self.rows, :468].astype(float), self.faces.matrix[self.rows]
        return np.stack([align.transform(p, m) for p, m in zip(points, matrix, strict=True)])

    def crops(self, masked: bool = False) -> np.ndarray:
        crops = np.array(self.faces.crops[self.rows])
        return inside_face(crops, self.landmarks()) if masked else crops


def part(name: str, split: str = "test", images: int = 4, families: int | None = None) -> Part:
    """The first so many images of each subject of a split's first families."""
    manifest, faces = prepare(name)
    table = manifest.images[manifest.images["split"] == split]
    table = table[table["family"].isin(table["family"].unique()[:families])]
    table = table[table.groupby("subject").cumcount() < images]
    rows = table.index.to_numpy()
    return Part(name, manifest, faces, rows[(faces.frame["status"] == "found").to_numpy()[rows]])


def inside_face(crops: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The crops, grey outside the shrunken hull of the detector's points."""
    out = np.full_like(crops, GREY)
    for crop, points, target in zip(crops, landmarks, out, strict=True):
        centre = points.mean(0)
        hull = cv2.convexHull((centre + OVAL_SCALE * (points - centre)).astype(np.float32)).astype(np.int32)
        inside = cv2.fillConvexPoly(np.zeros(crop.shape[:2], np.uint8), hull, 1).astype(bool)
        target[inside] = crop[inside]
    return out


def mirrored(landmarks: np.ndarray) -> np.ndarray:
    """The points of the mirrored face, [N, 468, 2]."""
    middle = align.TEMPLATE_112[:, 0].mean()
    flipped = landmarks[:, head().mirror[:468]]
    return np.stack([2 * middle - flipped[..., 0], flipped[..., 1]], -1)


def judge(part: Part, masked: bool = False) -> np.ndarray:
    """Unit embeddings by MobileFaceNet, trained on photographs of real people; kept in the build folder."""
    kind = f"{len(part.rows)}{'-masked' if masked else ''}"
    kept = paths.build_dir() / "judge" / f"{part.name}-{part.manifest.sha256[:12]}-{kind}.npy"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, embed_by_judge(part.crops(masked)))
    return np.load(kept)


def embed_by_judge(crops: np.ndarray) -> np.ndarray:
    """Unit embeddings of aligned crops, RGB, by the judge."""
    folder = Path(os.environ.get("TWINLIB_DATA") or paths.project_root().parent / "shared/data")
    if not (folder / WEIGHTS).is_file():
        raise InputError(f"{folder / WEIGHTS} does not exist. Name the folder that holds weights/ in TWINLIB_DATA.")
    net = published(folder / WEIGHTS)
    torch.set_flush_denormal(True)
    parts = []
    with torch.no_grad():
        for start in progress(range(0, len(crops), 32), -(-len(crops) // 32), "judge", "batch"):
            parts.append(net(torch.from_numpy(net.preprocess(crops[start : start + 32]))))
    return torch.nn.functional.normalize(torch.cat(parts)).numpy()


def ends(pairs: pd.DataFrame, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the two images of each pair within the part."""
    place = pd.Series(np.arange(len(part.rows)), index=part.images["image"])
    return place[pairs["image_a"]].to_numpy(), place[pairs["image_b"]].to_numpy()


def auc_row(pairs: pd.DataFrame, scores: np.ndarray, level: float = 0.9) -> tuple[float, float, float, int]:
    """AUC, its interval over families, number of families."""
    found = bootstrap_by(pairs, scores, "auc", draws=1000, level=level)
    return found.value, found.low, found.high, found.families
