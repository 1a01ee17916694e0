import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from twinlib.errors import InputError
from twinlib.measure import metrics
from twinlib.measure.allpairs import all_pairs


def faces(families=14, images=5, dimension=16, seed=0):
    """Embeddings of families of two subjects, in mixed order."""
    rng = np.random.default_rng(seed)
    family = np.repeat(np.arange(families), 2 * images)
    subject = np.repeat(np.arange(2 * families), images)
    centre = rng.normal(size=(families, dimension))[family] + 0.5 * rng.normal(size=(2 * families, dimension))[subject]
    e = (centre + rng.normal(0, 0.8, (family.size, dimension))).astype(np.float32)
    order = rng.permutation(family.size)
    return e[order], subject[order], family[order]


def exact(e, subject, family):
    """Every pair, one at a time in double precision: scores by kind."""
    e = e.astype(float) / np.linalg.norm(e.astype(float), axis=1, keepdims=True)
    found = {"genuine": [], "twin": [], "stranger": []}
    for i in range(len(e)):
        for j in range(i):
            kind = "genuine" if subject[i] == subject[j] else "twin" if family[i] == family[j] else "stranger"
            found[kind].append(float(e[i] @ e[j]))
    return {kind: np.array(scores) for kind, scores in found.items()}


@pytest.mark.parametrize("tile", [7, 32, 1000])
def test_every_pair_is_counted_once_in_its_kind_and_bin(tile):
    e, subject, family = faces()
    ours, wanted = all_pairs(e, subject, family, bins=64, tile=tile), exact(e, subject, family)
    for kind, scores in wanted.items():
        counts = np.histogram(scores, bins=64, range=(-1, 1))[0]
        np.testing.assert_array_equal(getattr(ours, kind), counts)


@pytest.mark.parametrize("against", ["twin", "stranger", "impostor"])
def test_values_are_exact_within_the_stated_error(against):
    e, subject, family = faces()
    scores = exact(e, subject, family)
    impostor = np.concatenate([scores["twin"], scores["stranger"]]) if against == "impostor" else scores[against]
    s = np.concatenate([scores["genuine"], impostor])
    same = np.repeat([1, 0], [scores["genuine"].size, impostor.size])
    for bins in (16, 65536):
        found = all_pairs(e, subject, family, bins=bins)
        auc, tar = found.auc(against), found.tar_at_far(0.1, against)
        wanted = metrics.tar_at_far(s, same, 0.1)
        assert abs(auc.value - roc_auc_score(same, s)) <= auc.error
        assert abs(tar.value - wanted.value) <= tar.error + 1e-12
        assert abs(tar.threshold - wanted.threshold) <= 1 / bins + 1e-6
        assert tar.k == wanted.k


def test_a_larger_set_agrees_with_scikit_learn_to_a_millionth():
    e, subject, family = faces(60, seed=2)
    u = e.astype(float) / np.linalg.norm(e.astype(float), axis=1, keepdims=True)
    i, j = np.triu_indices(len(e), 1)
    wanted = roc_auc_score(subject[i] == subject[j], (u @ u.T)[i, j])
    assert all_pairs(e, subject, family).auc().value == pytest.approx(wanted, abs=1e-6)


def test_the_order_of_images_and_their_lengths_do_not_matter():
    e, subject, family = faces()
    order = np.random.default_rng(1).permutation(len(e))
    one = all_pairs(e, subject, family, bins=64)
    other = all_pairs(4 * e[order], subject[order], family[order], bins=64)
    assert all((a == b).all() for a, b in zip(one, other, strict=True))


def test_equal_and_opposite_vectors_lie_in_the_end_bins():
    e = np.array([[1.0, 0], [3, 0], [-2, 0]], np.float32)
    ours = all_pairs(e, np.array(["a", "a", "b"]), bins=8)
    assert ours.genuine.tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    assert ours.stranger.tolist() == [2, 0, 0, 0, 0, 0, 0, 0]


def test_refusals():
    e, subject, family = faces(2)
    with pytest.raises(InputError, match=r"of one length.*embeddings 20, subjects 19"):
        all_pairs(e, subject[:-1], family[:-1])
    e[3] = 0
    with pytest.raises(InputError, match="embedding 3 is NaN or a vector of zeros"):
        all_pairs(e, subject, family)
    e, subject, _ = faces(2)
    with pytest.raises(InputError, match="no twin pair"):
        all_pairs(e, subject).auc("twin")
    with pytest.raises(InputError, match="impostor pairs"):
        all_pairs(e, subject).tar_at_far(0.0001)
