"""A benchmark's figures from features and a pair list: k-fold accuracy by a named rule, AUC, EER, TAR@FAR."""

from dataclasses import asdict, dataclass

import numpy as np
from jaxtyping import Float

from twinlib.arrays import Column, Rows, groups, labels, numbers, one_length, vectors
from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.measure.checks import genuine_impostor
from twinlib.measure.kfold import KFold, cosine, folds_of, kfold_accuracy, kfold_insightface, kfold_sphereface

FLIPS = ("off", "sum", "concat")
RULES = ("midpoints", "insightface", "sphereface")
FARS = (0.1, 0.01, 0.001)


@dataclass(frozen=True)
class Verification:
    """Figures of one pair list; rates are fractions.

    Attributes:
        pairs: in the list, genuine and impostor.
        rule: how a fold's threshold is chosen on the others; see `kfold`.
        flip: how straight and mirrored feature are joined; see `joined`.
        accuracy: mean over folds.
        accuracy_sd: population standard deviation over folds.
        fold_accuracies: a fold.
        thresholds: a fold; cosines, or squared distances for the rule insightface.
        auc: of all pairs.
        eer: of all pairs.
        tar_at_far: FAR -> TAR, for each FAR of which the list has at least one false accept.
        genuine_mean: mean cosine of genuine pairs.
        impostor_mean: mean cosine of impostor pairs.
    """

    pairs: int
    rule: str
    flip: str
    accuracy: float
    accuracy_sd: float
    fold_accuracies: list[float]
    thresholds: list[float]
    auc: float
    eer: float
    tar_at_far: dict[str, float]
    genuine_mean: float
    impostor_mean: float

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        tars = ", ".join(f"TAR@FAR {far} {value:.2%}" for far, value in self.tar_at_far.items())
        folds = f"{len(self.fold_accuracies)} folds, rule {self.rule}, flip {self.flip}"
        accuracy = f"accuracy {self.accuracy:.3%} ± {self.accuracy_sd:.3%} ({folds})"
        return f"{self.pairs} pairs: {accuracy}, AUC {self.auc:.6f}, EER {self.eer:.3%}, {tars}"


def joined(e: Rows, f: Rows | None, flip: str) -> Float[np.ndarray, "N D"]:
    """Feature of an image from the straight and the mirrored one, float64: e, e + f, or [e, f].

    Raises:
        InputError: unknown way, no mirrored features, or of another shape.
    """
    if flip not in FLIPS:
        raise InputError(f"flip {flip!r} is unknown; known: {', '.join(FLIPS)}.")
    if flip != "off" and f is None:
        raise InputError(f"flip {flip} needs features of the mirrored images. Embed with flip, or use --flip off.")
    straight = vectors(e, "e").astype(np.float64)
    if flip == "off" or f is None:
        return straight
    mirrored = vectors(f, "f").astype(np.float64)
    if mirrored.shape != straight.shape:
        raise InputError(f"features {straight.shape} and mirrored ones {mirrored.shape} differ in shape. Embed again.")
    return straight + mirrored if flip == "sum" else np.hstack([straight, mirrored])


def check_list(same: Column, fold: Column) -> None:
    """Refuse a pair list that no figure can come from, before anything is embedded for it.

    Args:
        same: 1 for a genuine pair.
        fold: number of a pair's fold.

    Raises:
        InputError: one class only, or fewer than two folds.
    """
    label, of_fold = labels(same, "same"), groups(fold, "fold")
    one_length(same=label, fold=of_fold)
    genuine_impostor(label, label)
    folds_of(of_fold)


def verify_pairs(
    features: Rows,
    a: Column,
    b: Column,
    same: Column,
    fold: Column,
    rule: str = "midpoints",
    flip: str = "sum",
) -> Verification:
    """All figures of a pair list.

    Args:
        features: of the images, as `joined` gives them.
        a: row of the first image, a pair.
        b: row of the second.
        same: 1 for a genuine pair.
        fold: number of a pair's fold.
        rule: midpoints, insightface or sphereface.
        flip: what `joined` was told, for the record.

    Raises:
        InputError: unknown rule, fewer than two folds, or one class only.
    """
    if rule not in RULES:
        raise InputError(f"rule {rule!r} is unknown; known: {', '.join(RULES)}.")
    images, label = vectors(features, "features"), labels(same, "same")
    first, second = (_rows(rows, name, len(images)) for name, rows in (("a", a), ("b", b)))
    one_length(a=first, b=second, same=label)
    scores = cosine(images[first], images[second])
    result = _kfold(images, first, second, scores, label, fold, rule)
    impostors = int((~label).sum())
    fars = {str(far): metrics.tar_at_far(scores, label, far).value for far in FARS if far * impostors >= 1}
    return Verification(
        pairs=len(label),
        rule=rule,
        flip=flip,
        accuracy=result.mean,
        accuracy_sd=result.sd,
        fold_accuracies=result.accuracies.tolist(),
        thresholds=result.thresholds.tolist(),
        auc=metrics.auc(scores, label),
        eer=metrics.eer(scores, label).value,
        tar_at_far=fars,
        genuine_mean=float(scores[label].mean()),
        impostor_mean=float(scores[~label].mean()),
    )


def predictions(
    features: Rows, a: Column, b: Column, same: Column, fold: Column, found: Verification
) -> Float[np.ndarray, "P 4"]:
    """What became of each pair: score, threshold of its fold, whether it was accepted, whether that was right.

    Scores are cosines, of features less their mean over the other folds by the rule sphereface. By the rule insightface
    the cosine of a pair is accepted above the threshold, not at it.

    Args:
        features: as of `verify_pairs`, and so on.
        a: row of the first image, a pair.
        b: row of the second.
        same: 1 for a genuine pair.
        fold: number of a pair's fold.
        found: what `verify_pairs` said of them.
    """
    images, label = vectors(features, "features"), labels(same, "same")
    first, second = (images[_rows(rows, name, len(images))] for name, rows in (("a", a), ("b", b)))
    scores, threshold = cosine(first, second), np.empty(len(label))
    for rows, limit in zip(folds_of(groups(fold, "fold")), found.thresholds, strict=True):
        threshold[rows] = 1 - limit / 2 if found.rule == "insightface" else limit  # squared distance of unit vectors
        if found.rule == "sphereface":
            others = np.setdiff1d(np.arange(len(label)), rows)
            centre = (first[others].mean(0) + second[others].mean(0)) / 2
            scores[rows] = cosine(first[rows] - centre, second[rows] - centre)
    accepted = 2 - 2 * scores < 2 - 2 * threshold if found.rule == "insightface" else scores >= threshold
    return np.stack([scores, threshold, accepted, accepted == label], axis=1)


def _rows(values, name, images):
    """Row numbers of images."""
    found = numbers(values, name)
    if (found % 1).any() or (len(found) and not 0 <= found.min() <= found.max() < images):
        raise InputError(f"{name} must be rows of the {images} features, whole numbers from 0; found {found[:3]}, ….")
    return found.astype(int)


def _kfold(features, a, b, scores, same, fold, rule) -> KFold:
    if rule == "sphereface":  # it centres the raw features, so scores are not enough
        return kfold_sphereface(features[a], features[b], same, fold)
    return {"midpoints": kfold_accuracy, "insightface": kfold_insightface}[rule](scores, same, fold)
