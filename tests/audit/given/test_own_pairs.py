import numpy as np
import pytest
from PIL import Image
from seen_photos import portrait

from twinlib.audit.given import own_pairs
from twinlib.audit.given.presets import PRESETS
from twinlib.audit.given.stored_values import Embeddings, Scores
from twinlib.errors import InputError
from twinlib.verify.recognise.sface import SFace

HEAD = "image_a,image_b,kind"


def listed(tmp_path, *lines, head=HEAD):
    (tmp_path / "mine.csv").write_text("\n".join([head, *lines]))
    return own_pairs.read(tmp_path / "mine.csv")


def many(count, kind):
    return [f"a,{kind}{i},{kind}" for i in range(count)]


def test_kinds_and_labels_are_read_as_people_write_them(tmp_path):
    found = listed(tmp_path, "a,b,identical twins", "a,c,brothers", "a,d,same", "b,d,impostor")
    assert found.pairs["kind"].tolist() == ["twin", "sibling", "genuine", "stranger"]
    found = listed(tmp_path, "a;b;yes", "a;c;0", head="Image 1;Image 2;match")
    assert found.pairs["kind"].tolist() == ["genuine", "stranger"]


@pytest.mark.parametrize(
    ("lines", "head", "match"),
    [
        (["a,1"], "image_a,same", "'image_b' is missing"),
        (["a,b"], "image_a,image_b", "same \\(1 or 0\\) or kind"),
        (["a,b,cousin"], HEAD, "kind 'cousin' is unknown"),
        (["a,b,1", "a,c,perhaps"], "image_a,image_b,same", "row 3: same 'perhaps'"),
        (["a,b,same", "c,d,twin", "./b,a,same"], HEAD, "row 4: the pair of row 2 again"),
        (["a,b,same", "a,b,stranger"], HEAD, "row 3: the pair of row 2 again"),
        (["a,x/../a,same"], HEAD, "row 2: a is paired with itself"),
        (["a,b,1,twin"], "image_a,image_b,same,kind", "row 2: same is '1', kind 'twin'"),
    ],
)
def test_a_bad_list_is_refused(tmp_path, lines, head, match):
    with pytest.raises(InputError, match=rf"mine\.csv.*{match}"):
        listed(tmp_path, *lines, head=head)


@pytest.fixture
def photos(tmp_path):
    photo = Image.fromarray(portrait())
    photo.save(tmp_path / "a.png")
    photo.resize((300, 300)).rotate(90).save(tmp_path / "b.png")
    Image.new("RGB", (64, 64)).save(tmp_path / "empty.png")
    return listed(tmp_path, "a.png,b.png,genuine", "a.png,empty.png,stranger", "a.png,none.png,stranger")


def test_photographs_are_found_aligned_and_scored(photos):
    scores, wrong = own_pairs.by_photographs(photos, PRESETS["sface"], SFace().embed)
    assert scores[0] > 0.9
    assert np.isnan(scores[1:]).all()
    assert sorted(text.split(":")[0].split("/")[-1] for text in wrong)[0] == "empty.png"
    assert "none.png does not exist" in wrong[1]
    found = own_pairs.judged(photos, scores, wrong, 0.363)
    assert (found["pairs"], found["left_out"]) == (1, 2)
    assert found["fnmr"]["value"] == 0


def test_a_list_without_any_face_is_refused(tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "empty.png")
    with pytest.raises(InputError, match="no photograph can be used"):
        own_pairs.by_photographs(listed(tmp_path, "empty.png,none.png,same"), PRESETS["sface"], SFace().embed)


def test_scores_come_from_files_too(tmp_path):
    own = listed(tmp_path, "a,b,same")
    np.savez(tmp_path / "e.npz", names=["a", "b"], emb=np.array([[1.0, 0], [3, 4]], np.float32))
    assert own_pairs.by_values(own, Embeddings(tmp_path / "e.npz")) == pytest.approx([0.6])
    (tmp_path / "s.csv").write_text("image_a,image_b,score\nb,a,7")
    assert own_pairs.by_values(own, Scores(tmp_path / "s.csv")) == [7]


def test_rates_are_exact_and_of_the_users_threshold(tmp_path):
    own = listed(tmp_path, *many(4, "same"), *many(2, "twin"), *many(4, "stranger"))
    scores = np.array([0.9, 0.8, 0.7, 0.2, 0.6, 0.4, 0.5, 0.1, 0.0, np.nan])
    found = own_pairs.judged(own, scores, ["x: no face found."], 0.5)
    assert found["fnmr"] == pytest.approx({"value": 0.25, "low": 0.0063, "high": 0.8059, "pairs": 4}, abs=1e-4)
    assert found["fmr_twin"]["value"] == 0.5
    assert found["fmr_stranger"]["value"] == pytest.approx(1 / 3)  # a score that reaches the threshold passes
    assert (found["threshold_source"], found["left_out"], found["problems"]) == ("given", 1, ["x: no face found."])


def test_without_a_threshold_the_own_strangers_set_one(tmp_path):
    own = listed(tmp_path, *many(3, "same"), *many(1000, "stranger"))
    scores = np.concatenate([[0.9, 0.8, 0.0], np.linspace(-1, 0.5, 1000)])
    found = own_pairs.judged(own, scores, [], None)
    assert found["threshold_source"] == "FMR 0.01 of the own strangers"
    assert found["fmr_stranger"]["value"] == 0.01
    few = own_pairs.judged(listed(tmp_path, "a,b,same", "a,c,stranger"), np.array([1.0, 0]), [], None)
    assert "threshold" not in few
    assert few["auc"] == 1
