import math
from typing import Annotated, get_args, get_origin, get_type_hints

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from syntwins.knobs import Families, Knobs, SetConfig, Variation
from twinlib import config
from twinlib.config.sections import section
from twinlib.errors import InputError
from twinlib.ranges import ANY, SettingError, Settings, Within, threshold_on

REGISTRIES = (config.MODELS, config.LOSSES, config.TERMS, config.SAMPLERS, config.PERTURBATIONS)
PARTS = (config.HCA, config.FAAM, config.Pair, config.Data, config.Train, config.Evaluate)
KINDS = list(dict.fromkeys([kind for registry in REGISTRIES for kind in registry.values()] + list(PARTS)))
SETS = (Knobs, Variation, Families, SetConfig)
NOBODY = Families(0, 0, 0, 1)
BASE = {
    Families: NOBODY,
    SetConfig: SetConfig("x", NOBODY, NOBODY, NOBODY),
    config.Experiment: config.load("vit"),
}


def numbers(hint, put=lambda value: value):
    """Range of each number in an annotation, and how a value of the whole setting is made from one of that number."""
    if get_origin(hint) is Annotated:
        yield next((extra for extra in hint.__metadata__ if isinstance(extra, Within)), None), get_args(hint)[0], put
    elif hint in (int, float):
        yield None, hint, put
    elif get_origin(hint) is tuple:
        inner = [part for part in get_args(hint) if part is not ...]
        for at, part in enumerate(inner):
            yield from numbers(part, lambda x, at=at: put(tuple(x if i == at else None for i in range(len(inner)))))
    elif get_origin(hint) is dict:
        yield from numbers(get_args(hint)[1], lambda x: put({"a": x}))
    else:
        for part in get_args(hint):
            yield from numbers(part, put)


FIELDS = [
    pytest.param(kind, name, within, of, put, id=f"{kind.__name__}.{name}")
    for kind in (*KINDS, *SETS, config.Experiment)
    for name, hint in get_type_hints(kind, include_extras=True).items()
    for within, of, put in numbers(hint)
]


def made(kind, **changes):
    """Settings as a user makes them: the tests' own check of types would be faster than ours."""
    values, settings = vars(BASE.get(kind) or kind()), object.__new__(kind)
    for name, value in (values | changes).items():
        object.__setattr__(settings, name, value)
    settings.__post_init__()
    return settings


def outside(within, of):
    """Values that no such number may have."""
    step = 1 if of is int else 1e-9 * max(1.0, abs(within.low))
    low = within.low if within.above else within.low - step
    high = within.high if within.below else within.high + (1 if of is int else 1e-6 * within.high)
    ends = [of(end) for end in (low, high) if math.isfinite(end)]
    return [*ends, -1e9 if of is float else -(10**9), math.nan, math.inf, True, "1", 0.5 if of is int else 1j]


@pytest.mark.parametrize(("kind", "name", "within", "of", "put"), FIELDS)
def test_every_number_declares_its_range_and_is_refused_outside(kind, name, within, of, put):
    assert within is not None, f"{kind.__name__}.{name} declares no range: use Annotated[..., Within(...)]"
    for value in outside(within, of):
        with pytest.raises(SettingError, match=rf"{kind.__name__}\.{name}"):
            made(kind, **{name: put(value)})


@pytest.mark.parametrize(("kind", "name", "within", "of", "put"), [f for f in FIELDS if f.values[0] in KINDS])
def test_a_file_is_refused_by_the_path_of_the_setting(kind, name, within, of, put):
    value = put(of(within.low - 1))
    plain = [x for x in value if x is not None] * len(value) if isinstance(value, tuple) else value
    with pytest.raises(InputError, match=rf"mine.yaml: part\.{name}.* must be a .*, got"):
        section(kind, {name: plain}, "part", "mine.yaml")


@pytest.mark.parametrize("kind", [*KINDS, *SETS])
def test_defaults_and_the_declared_class_of_every_kind(kind):
    assert issubclass(kind, Settings)
    assert BASE.get(kind) or kind()


def test_an_inner_setting_is_named_by_its_path():
    with pytest.raises(InputError, match=r"^x: model\.hca\.mlp_ratio must be a number above 0, got -1"):
        section(config.AHAN, {"hca": {"mlp_ratio": -1}}, "model", "x")
    with pytest.raises(InputError, match=r"vit: seed must be a whole number from 0 to 4294967295, got -1"):
        config.load("vit", seed=-1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: config.Halves(p=30.0), r"Halves\.p must be a number from 0 to 1, got 30.0\. 30 % is 0.3\."),
        (lambda: config.Train(milestones=(0.5, 0.5)), r"Train\.milestones must rise"),
        (
            lambda: config.Train(passes=640, warmup=3),
            r"Train\.warmup must be at most the 2 steps of 640 passes in batches of 256, got 3",
        ),
        (lambda: config.MagFace(l_a=5.0, u_a=5.0), r"MagFace\.l_a must be below u_a, got 5.0 and 5.0"),
        (lambda: config.MagFace(l_margin=0.9), r"MagFace\.l_margin must be at most u_margin"),
        (lambda: Variation(noise=(0.1, 0.05)), r"Variation\.noise must be a pair \(low, high\), got \(0.1, 0.05\)"),
        (lambda: made(Variation, noise=(0.1,)), r"Variation\.noise must hold 2 values"),
        (lambda: made(Knobs, mirror=1), r"Knobs\.mirror must be true or false, got 1"),
    ],
)
def test_numbers_that_do_not_fit_each_other_are_refused(make, message):
    with pytest.raises(SettingError, match=message):
        make()


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ("[0, 1]", "from 0 to 1"),
        ("(0, inf)", "above 0"),
        ("[1, inf)", "of at least 1"),
        ("(0, 1]", "above 0 and at most 1"),
        ("[-1, 1)", "of at least -1 and below 1"),
        ("(-inf, 2]", "at most 2"),
    ],
)
def test_a_range_in_words(interval, text):
    assert str(Within(interval)) == text
    assert repr(Within(interval)) == interval


@given(*(st.floats(-9, 9, allow_subnormal=False),) * 2, st.floats(allow_subnormal=False))
def test_a_range_holds_what_its_notation_says(low, high, value):
    assume(low < high)
    closed, opened = Within(f"[{low!r}, {high!r}]"), Within(f"({low!r}, {high!r})")
    assert (value in closed) == (low <= value <= high)
    assert (value in opened) == (low < value < high)


def test_a_range_that_cannot_be_read_is_the_programmers_error():
    with pytest.raises(ValueError, match="an interval reads like"):
        Within("0..1")


@pytest.mark.parametrize("power", [400, 5000])
def test_whole_numbers_that_no_float_holds_are_refused(power):
    value = 10**power  # whose text Python may refuse
    with pytest.raises(InputError, match="found a number of more than 20 digits"):
        threshold_on(ANY, value)
    assert (-value in Within("(-inf, 0]")) is False
