from dataclasses import asdict, replace

import numpy as np
import pytest

from syntwins import Knobs, sample_subject
from twinlib.errors import InputError

NOTHING = Knobs(divergence=0.0, asymmetry_cm=0.0, marks=0.0, own_texture=False)


def equal(a, b):
    """Whether two subjects are the same person, member number aside."""
    arrays = zip(asdict(a.marks).values(), asdict(b.marks).values(), strict=True)
    return (
        a.palette == b.palette
        and a.complexion == b.complexion
        and np.array_equal(a.displacement, b.displacement)
        and all(np.array_equal(x, y) for x, y in arrays)
    )


def test_twins_are_one_person_when_every_cause_is_off():
    assert equal(sample_subject(3, 0, NOTHING), sample_subject(3, 1, NOTHING))
    assert not equal(sample_subject(3, 0, NOTHING), sample_subject(4, 0, NOTHING))


@pytest.mark.parametrize("cause", [{"divergence": 0.3}, {"asymmetry_cm": 0.05}, {"marks": 3.0}, {"own_texture": True}])
def test_each_cause_alone_separates_twins(cause):
    knobs = replace(NOTHING, **cause)
    assert not equal(sample_subject(3, 0, knobs), sample_subject(3, 1, knobs))


def test_twins_share_colours_and_differ_in_asymmetry():
    a, b = (sample_subject(8, member, Knobs(divergence=0.3)) for member in (0, 1))
    assert a.palette == b.palette
    assert a.complexion.shared_seed == b.complexion.shared_seed
    assert np.sqrt((a.asymmetry**2).sum(1).mean()) == pytest.approx(0.055)
    assert abs(np.corrcoef(a.asymmetry.ravel(), b.asymmetry.ravel())[0, 1]) < 0.6


def test_a_knob_leaves_the_other_draws_alone():
    a, b = sample_subject(5, 1, Knobs(marks=0.0)), sample_subject(5, 1, Knobs(marks=5.0))
    np.testing.assert_array_equal(a.displacement, b.displacement)
    assert a.complexion == b.complexion


@pytest.mark.parametrize(("relation", "tau", "wanted"), [("mz", 0.62, 0.72), ("mz", 0.0, 1.0), ("sibling", 0.1, 0.5)])
def test_members_correlate_as_the_formula_says_and_keep_unit_variance(relation, tau, wanted):
    knobs = Knobs(divergence=tau)
    weights = np.array(
        [[list(sample_subject(f, m, knobs, relation=relation).semantic.values()) for m in (0, 1)] for f in range(60)]
    )
    a, b = weights[:, 0].ravel(), weights[:, 1].ravel()
    assert (a * b).mean() / np.sqrt((a * a).mean() * (b * b).mean()) == pytest.approx(wanted, abs=0.08)
    assert a.var() == pytest.approx(1, abs=0.12)


def test_a_single_person_looks_as_the_first_twin_would():
    twin, single = (sample_subject(3, 0, Knobs(divergence=0.3), relation=relation) for relation in ("mz", "single"))
    np.testing.assert_array_equal(twin.displacement, single.displacement)
    assert (twin.palette, twin.complexion) == (single.palette, single.complexion)


def test_mirror_twins_mirror_each_other():
    a, b = (sample_subject(2, member, Knobs(mirror=True, marks=2.0)) for member in (0, 1))
    np.testing.assert_array_equal(a.asymmetry, -b.asymmetry)
    np.testing.assert_allclose(a.marks.uv[:, 0], 1 - b.marks.uv[:, 0])


@pytest.mark.parametrize("bad", [{"family": -1, "member": 0}, {"family": 1, "member": 0, "relation": "cousin"}])
def test_refusals(bad):
    with pytest.raises(InputError, match=r"family|relation"):
        sample_subject(**bad)
