"""Do the causes that separate rendered twins do so, and nothing else? -> results/benchmarks/syntwins_probes.csv.

Each probe is a simple score of two images, fitted (where there is anything to fit) on the training families of `study`
and asked of others. With all causes off it must be at chance; with one cause on, the probe made for it must not.
Probes of what must not help (file size, mean colour, border) must be at chance on every set. One row is no probe but a
control that uses the renderer's truth: it says how much of the marks the crops show. Intervals: 90 %, families drawn.
Run: `python -m benchmarks.syntwins_probes`, after or before `syntwins_judge` (embeddings are kept).
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
from scipy.linalg import eigh
from sklearn.covariance import shrunk_covariance
from sklearn.decomposition import PCA

from benchmarks import spots
from benchmarks.rendered import Part, auc_row, ends, judge, mirrored, part
from syntwins.mesh.head import head
from syntwins.mesh.regions import FACE
from syntwins.sets.plan import MEMBERS
from twinlib.data.protocols import twin_pairs
from twinlib.faces import align
from twinlib.faces.images import read_image
from twinlib.files import write_text
from twinlib.paths import results_dir

NONE = "no cause"
CAUSES = {
    NONE: ("null", "study-nothing"),
    "asymmetry": ("study-asymmetry",),
    "marks": ("study-marks",),
    "divergence 0.3": ("study-divergence",),
    "all, preset hard": ("study-default",),
    "all, preset calibrated": ("default",),
}
COMPONENTS, DIRECTIONS = 200, 40
SHRINKAGE = 0.02 / 1.02  # of the scatter within persons: a fiftieth of its mean variance is added
TRUE_PLACES = "marks, at their true places"  # a control, no probe: it is told what the renderer drew
MASKED = (NONE, "all, preset calibrated")  # where the judge is asked again, inside the face
ASKED = {  # probes that are not asked about every cause; without marks there is no place to look at
    "judge, inside the face": MASKED,
    TRUE_PLACES: ("marks", "all, preset hard", "all, preset calibrated"),
}


def asymmetry(here: Part) -> np.ndarray:
    """Half the difference of the detector's points and the mirrored ones, px of the crop."""
    points = here.landmarks()
    return ((points - mirrored(points)) / 2).reshape(len(points), -1)


def shape(here: Part) -> np.ndarray:
    """Half the sum: what the points are without asymmetry."""
    points = here.landmarks()
    return ((points + mirrored(points)) / 2).reshape(len(points), -1)


def _detail(crops: np.ndarray) -> np.ndarray:
    """Brightness against its neighbourhood, [N, 112, 112]."""
    grey = crops.astype(np.float32).mean(-1)
    return np.stack([(g - cv2.GaussianBlur(g, (0, 0), 5)) / (cv2.GaussianBlur(g, (0, 0), 12) + 8) for g in grey])


def left_minus_right(here: Part, masked: bool = False) -> np.ndarray:
    """Crop less its mirror image, left half, at 56 px."""
    detail = _detail(here.crops(masked))
    small = np.stack([cv2.resize(d, (56, 56), interpolation=cv2.INTER_AREA) for d in detail])
    return (small - small[:, :, ::-1])[:, :, :28].reshape(len(small), -1)


def spots_of(train: Part) -> Callable[[Part], np.ndarray]:
    """Dark spots of bare skin on the mean face, length 1: spots of both images count for, of one alone against."""
    skin = spots.skin_of(train.landmarks().mean(0))
    calm = spots.calm_skin(skin, spots.spot_maps(skin, train.crops(), train.landmarks()))

    def feature(here: Part) -> np.ndarray:
        found = spots.spot_maps(skin, here.crops(), here.landmarks())[:, calm]
        return found / np.sqrt((found**2).sum(1, keepdims=True) + 1e-6)

    return feature


def true_places(here: Part) -> list[tuple[np.ndarray, np.ndarray]]:
    """By the renderer's truth: where on each crop the marks of both twins are or, for the other twin's, would be.

    Returns:
        An entry an image: px of the crop [M, 2], and 1 for each mark of twin a, -1 for each of twin b [M].
    """
    with np.load(here.manifest.root / "truth.npz") as file:
        truth = {name: file[name] for name in ("image", "landmarks", "visible", "subject", "mark_subject", "mark_uv")}
    corners, weights, on_face = spots.barycentric(head().uv[:FACE], truth["mark_uv"])
    owner = truth["subject"][truth["mark_subject"]]
    sign = np.where(np.char.endswith(owner, MEMBERS[0]), 1, -1)
    family = pd.Series(owner).map(here.manifest.images.groupby("subject")["family"].first()).to_numpy()
    row = pd.Series(np.arange(len(truth["image"])), index=truth["image"])[here.images["image"]]
    found = []
    for r, of, matrix in zip(row, here.images["family"], here.faces.matrix[here.rows], strict=True):
        marks = np.flatnonzero(on_face & (family == of))
        marks = marks[truth["visible"][r][corners[marks]].all(1)]
        places = (truth["landmarks"][r][corners[marks]] * weights[marks][..., None]).sum(1)
        # The truth counts from the corner of the first pixel, the matrix from its middle.
        found.append((align.transform(places - 0.5, matrix), sign[marks]))
    return found


def balance_of_marks(here: Part) -> np.ndarray:
    """Mean response of the spot filter at the true places of twin a's marks, less that at twin b's, [N].

    Places are interpolated between landmarks, off by a fraction of a pixel: a lower bound of what there is to see.
    """
    pairs = zip(here.crops(), true_places(here), strict=True)
    return np.array([_balance(spots.response_at(crop, places), sign) for crop, (places, sign) in pairs])


def _balance(response: np.ndarray, sign: np.ndarray) -> float:
    """Mean of one twin's less mean of the other's; a twin without marks has 0."""
    mine, other = (response[sign == side].mean() if (sign == side).any() else 0.0 for side in (1, -1))
    return float(mine - other)


def file_size(here: Part) -> np.ndarray:
    return np.log([[(here.manifest.root / path).stat().st_size] for path in here.images["path"]])


def mean_colour(here: Part) -> np.ndarray:
    return here.crops().mean((1, 2))


def border(here: Part) -> np.ndarray:
    """The outermost four pixels of the stored picture, averaged in pieces."""
    rows = []
    for path in here.images["path"]:
        picture = read_image(here.manifest.root / path)
        strips = [picture[:4], picture[-4:], picture[:, :4].swapaxes(0, 1), picture[:, -4:].swapaxes(0, 1)]
        rows.append(np.concatenate([strip.reshape(4, 8, -1, 3).mean((0, 2)).ravel() for strip in strips]))
    return np.stack(rows)


@dataclass(frozen=True)
class Metric:
    """Directions in which twins differ by much more than images of one person do."""

    mean: np.ndarray
    to: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return (x - self.mean) @ self.to


def fitted(x: np.ndarray, images: pd.DataFrame) -> Metric:
    """Components first, then the generalised eigenvectors of scatter between twins over scatter within persons."""
    codes = pd.factorize(images["subject"])[0]
    components = PCA(min(COMPONENTS, x.shape[1]), svd_solver="covariance_eigh").fit(x)
    z = components.transform(x)
    person = np.stack([z[codes == code].mean(0) for code in range(codes.max() + 1)])
    family = pd.factorize(images.groupby(codes)["family"].first())[0]
    pair = np.stack([person[family == code].mean(0) for code in range(family.max() + 1)])
    within = shrunk_covariance(np.cov((z - person[codes]).T), SHRINKAGE)
    between = np.cov((person - pair[family]).T)
    _, directions = eigh(between, within, subset_by_index=[len(within) - DIRECTIONS, len(within) - 1])
    return Metric(components.mean_, components.components_.T @ directions)


def distance(feature: Callable[[Part], np.ndarray], metric: Metric | None) -> Callable:
    """Score of pairs: minus the squared distance of features."""

    def score(here: Part, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        x = feature(here)
        x = x if metric is None else metric(x)
        return -((x[a] - x[b]) ** 2).sum(1)

    return score


def same_side(balance: Callable[[Part], np.ndarray]) -> Callable:
    """Score of pairs: whether a balance tips to the same twin in both images, and how far."""

    def score(here: Part, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        x = balance(here)
        return x[a] * x[b]

    return score


def cosine(masked: bool) -> Callable:
    def score(here: Part, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        e = judge(here, masked)
        return (e[a] * e[b]).sum(1)

    return score


def probes() -> dict[str, Callable]:
    train = part("study", "train", images=6, families=160)
    made = {"points, asymmetry": asymmetry, "points, shape": shape}
    made["left minus right"] = left_minus_right
    made["left minus right, inside the face"] = lambda here: left_minus_right(here, masked=True)
    learnt = {name: distance(feature, fitted(feature(train), train.images)) for name, feature in made.items()}
    learnt |= {"dark spots": distance(spots_of(train), None), TRUE_PLACES: same_side(balance_of_marks)}
    idle = {"file size": file_size, "mean colour": mean_colour, "border": border}
    learnt |= {name: distance(feature, None) for name, feature in idle.items()}
    return learnt | {"judge": cosine(False), "judge, inside the face": cosine(True)}


def main() -> None:
    parts = {name: part(name) for names in CAUSES.values() for name in names}
    pairs = {name: twin_pairs(here.images, seed=0) for name, here in parts.items()}
    rows = []
    for probe, score in probes().items():
        for cause, names in CAUSES.items():
            if cause not in ASKED.get(probe, CAUSES):
                continue
            scores = np.concatenate([score(parts[name], *ends(pairs[name], parts[name])) for name in names])
            rows.append((probe, cause, *auc_row(pd.concat([pairs[name] for name in names]), scores)))
            print(probe, cause, [round(value, 3) for value in rows[-1][2:]], flush=True)
    table = pd.DataFrame(rows, columns=["probe", "cause", "auc", "auc_low", "auc_high", "families"])
    text = table.to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(results_dir() / "benchmarks/syntwins_probes.csv", text)


if __name__ == "__main__":
    main()
