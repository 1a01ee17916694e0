from pathlib import Path

import pytest

from twinlib.errors import InputError
from twinlib.records.schema import FIELDS, check_record, new_record, run_hash

FILE = Path("runs/x/run.json")


def record(**fields):
    given = {
        "name": "a",
        "profile": "cpu",
        "dataset": "default",
        "init": "scratch",
        "config": {"lr": 1},
        "manifest": "m",
    }
    return new_record(
        **(given | {"weights": None, "seed": 3, "device": "cpu", "parameters": 7, "wall_s": 1.0} | fields)
    )


def test_a_new_record_has_every_field():
    assert record().keys() == FIELDS.keys()
    assert record()["run_id"] == f"a-cpu-s3-{run_hash({'lr': 1}, 'm', None)[:8]}"
    check_record(record(), FILE)


def test_a_key_names_the_run_instead_of_the_whole_config():
    one, more = (record(config=config, key={"lr": 2}) for config in ({"lr": 2}, {"lr": 2, "added_later": 0}))
    assert one["hashes"] == more["hashes"]
    assert one["run_id"] != record(config={"lr": 2, "added_later": 0})["run_id"]


def test_the_run_hash_sees_config_data_and_weights_and_no_order():
    base = run_hash({"a": 1, "b": 2}, "m", "w")
    assert base == run_hash({"b": 2, "a": 1}, "m", "w")
    assert (
        len(
            {
                base,
                run_hash({"a": 1, "b": 3}, "m", "w"),
                run_hash({"a": 1, "b": 2}, "n", "w"),
                run_hash({"a": 1, "b": 2}, "m", None),
            }
        )
        == 4
    )


@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_field_is_named_with_its_file(field):
    broken = record()
    del broken[field]
    with pytest.raises(InputError, match=rf"run\.json: field '{field}'"):
        check_record(broken, FILE)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("schema", 2, "field 'schema' is 2, wanted 1"),
        ("seed", "0", "field 'seed' is '0', wanted int"),
        ("seed", True, "field 'seed' is True, wanted int"),
        ("wall_s", None, "field 'wall_s'"),
        ("hashes", {"run": "", "config": "", "manifest": ""}, r"field 'hashes\.weights' is missing"),
        (
            "config",
            {"data": {"name": "/mnt/faces"}},
            r"field 'config\.data\.name' holds a path of one machine: '/mnt/faces'",
        ),
        ("command", "twinlib run /opt/x.yaml", "field 'command' holds a path"),
    ],
)
def test_a_wrong_field_is_named(field, value, message):
    with pytest.raises(InputError, match=message):
        check_record({**record(), field: value}, FILE)


def test_a_list_is_no_record():
    with pytest.raises(InputError, match=r"run\.json: a record is an object with fields, found list"):
        check_record([1], FILE)
