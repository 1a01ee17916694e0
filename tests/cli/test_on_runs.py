import pytest

from twinlib.cli.main import main
from twinlib.cli.on_runs import seeds_of, sweep
from twinlib.errors import InputError


@pytest.fixture
def ran(monkeypatch):
    from twinlib.train import run as module

    seen = []

    def fake(name, profile, device, seed, overrides, may_train):
        seen.append((name, seed, profile, overrides, may_train))
        if seed == 3:
            raise InputError("the loss is nan")

    monkeypatch.setattr(module, "run", fake)
    return seen


def test_every_run_is_made_once(ran):
    sweep("vit, ahan", "0-2,7", "smoke", set="train.lr=0.01")
    assert sorted(job[:2] for job in ran) == [(name, seed) for name in ("ahan", "vit") for seed in (0, 1, 2, 7)]
    assert {job[2:] for job in ran} == {("smoke", ("train.lr=0.01",), True)}


def test_a_run_that_fails_is_told_and_the_others_go_on(ran, capsys):
    with pytest.raises(InputError, match="1 of 3 runs failed: vit seed 3"):
        sweep("vit", "2-4", "smoke")
    assert [job[1] for job in ran] == [2, 3, 4]
    assert "vit seed 3: the loss is nan" in capsys.readouterr().err


def test_a_dry_sweep_lists_and_a_typing_error_is_refused_at_once(ran, capsys):
    sweep("vit", "0,1", "smoke", dry=True)
    assert capsys.readouterr().out == "1/2 vit seed 0\n2/2 vit seed 1\n"
    with pytest.raises(InputError, match="vitt"):
        sweep("vit,vitt", "0", "smoke")
    with pytest.raises(InputError, match=r"train\.lrr is unknown"):
        sweep("vit", "0", "smoke", set="train.lrr=1")
    assert ran == []


def test_seeds_are_read():
    assert seeds_of("0-2, 5,5") == [0, 1, 2, 5]
    for bad in ("", "3-1", "a", "1-"):
        with pytest.raises(InputError, match="seeds must read like"):
            seeds_of(bad)


def test_a_trunk_is_made_by_one_command(smoke_set, tmp_path):
    out = tmp_path / "new/oak.safetensors"
    assert main(["trunk", str(out), "--profile", "smoke", "--passes", "240", "--data", "smoke"]) == 0
    assert out.is_file()
    assert out.with_suffix(".json").is_file()


@pytest.mark.parametrize(("name", "said"), [("oak.pt", "must end in .safetensors"), ("oak", "must end in")])
def test_another_format_is_refused(tmp_path, capsys, name, said):
    assert main(["trunk", str(tmp_path / name)]) == 2
    assert said in capsys.readouterr().err
