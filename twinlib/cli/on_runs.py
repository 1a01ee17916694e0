"""Commands on runs: train many, score another data set, inspect, pre-train a trunk, export."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from twinlib.errors import InputError
from twinlib.parts.jobs import done
from twinlib.ranges import Count, Seed

if TYPE_CHECKING:
    from twinlib.records.runs import Run


def sweep(
    experiments: str,
    seeds: str = "0-4",
    profile: str = "cpu",
    device: str = "auto",
    workers: Count = 1,
    set: str = "",
    dry: bool = False,
) -> None:
    """Run experiments with several seeds; those that have a record are skipped.

    Args:
        experiments: names of experiments or paths of YAML files, separated by commas.
        seeds: e.g. 0-4 or 0,3,7.
        profile: smoke, cpu or full.
        device: auto, cpu or cuda.
        workers: processes; if not given, the runs follow one another in this process.
        set: overrides for all runs, separated by spaces, e.g. "train.lr=1.0e-3 train.groups=8".
        dry: only list the runs.
    """
    from twinlib.config import load

    given, names = tuple(set.split()), [_absolute(name.strip()) for name in experiments.split(",")]
    jobs = [(name, seed) for name in names for seed in seeds_of(seeds)]
    for name, seed in jobs:
        load(name, profile, given, seed)  # a typing error is refused before the first run, not after the third
    failed = []
    ended = ((*job, "") for job in jobs) if dry else done(partial(_run, profile, device, given), jobs, workers)
    for number, (name, seed, error) in enumerate(ended, start=1):
        print(f"{number}/{len(jobs)} {name} seed {seed}", flush=True)
        if error:
            print(f"twinlib sweep: {name} seed {seed}: {error}", file=sys.stderr, flush=True)
            failed.append(f"{name} seed {seed}")
    if failed:
        raise InputError(f"{len(failed)} of {len(jobs)} runs failed: {', '.join(failed)}. Run the command again.")


def _absolute(name: str) -> str:
    """A name as it is; the path of a file as other processes find it."""
    return str(Path(name).absolute()) if Path(name).suffix in (".yaml", ".yml") else name


def _run(profile: str, device: str, given: tuple[str, ...], job: tuple[str, int]) -> tuple[str, int, str]:
    """One run of a sweep: its name, its seed, and why it failed; the others may still work."""
    from twinlib.train.run import run

    name, seed = job
    try:
        run(name, profile, device, seed, given, may_train=True)
    except InputError as error:
        return name, seed, str(error)
    return name, seed, ""


def seeds_of(text: str) -> list[int]:
    """Seeds from 0-4 or 0,3,7, each once, rising.

    Raises:
        InputError: for anything else.
    """
    seeds: list[int] = []
    for piece in text.split(","):
        first, dash, last = piece.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()) or (dash and int(last) < int(first)):
            raise InputError(f"seeds must read like 0-4 or 0,3,7; found {text!r}.")
        seeds += range(int(first), int(last or first) + 1)
    return sorted(dict.fromkeys(seeds))


def score(run: str, dataset: str, device: str = "auto") -> None:
    """Score a trained run on the twins of another data set; its record gains a protocol.

    Args:
        run: id of a record or its beginning, or the name of an experiment for all its records.
        dataset: name of a data set, or its folder.
        device: auto, cpu or cuda.
    """
    from twinlib.errors import InputError
    from twinlib.progress import progress
    from twinlib.records.comparison import matching
    from twinlib.records.runs import list_runs
    from twinlib.train.stored.further import score_further

    runs = list_runs()
    if not (found := matching(runs, run)):
        known = ", ".join(sorted({one.record["name"] for one in runs})) or "none"
        raise InputError(f"there is no run called {run!r}; experiments with records: {known}. See `twinlib runs`.")
    for one in progress(found, len(found), f"twins of {dataset}", "run"):
        print(score_further(one, dataset, device).summary())


def inspect(run: str, out: str = "inspector.html", pairs: Count = 60, store_maps: bool = False) -> None:
    """Write a run's pairs with threshold, counts and attention as one HTML file that works offline.

    Args:
        run: id of a record in results/runs, or the beginning of one.
        out: file to write.
        pairs: how many pairs to show with their faces.
        store_maps: also store the maps with the records, for machines that do not have the weights.
    """
    from twinlib.figures.inspector import inspect_run
    from twinlib.figures.inspector.page import document
    from twinlib.figures.inspector.stored_maps import stored_file, write_maps
    from twinlib.files import write_text
    from twinlib.records.runs import list_runs

    found = _only(run, list_runs())
    shown = inspect_run(found, pairs, stored=not store_maps)
    write_text(Path(out), document(shown))
    print(f"{out}: {len(shown.pairs)} pairs. {shown.maps_from}")
    if store_maps and shown.maps is not None:
        file = stored_file(found.folder.name)
        write_maps(file, shown.maps)
        print(f"{file.name}: {len(shown.maps.images)} images, {file.stat().st_size / 1000:.0f} kB")


def _only(text: str, runs: "list[Run]") -> "Run":
    """The one run whose id begins like this.

    Raises:
        InputError: none or several do.
    """
    from twinlib.errors import InputError

    found = [run for run in runs if run.folder.name.startswith(text)]
    if len(found) != 1:
        known = ", ".join(run.folder.name for run in found or runs) or "none"
        raise InputError(f"{len(found)} runs begin with {text!r}; known: {known}. `twinlib runs` lists them.")
    return found[0]


def trunk(
    out: str,
    experiment: str = "vit",
    profile: str = "cpu",
    seed: Seed = 0,
    passes: Count = 180000,
    data: str = "strangers",
    precision: str = "fp32",
) -> None:
    """Pre-train a backbone on renderer targets and identities of training families.

    Args:
        out: file to write, ending in .safetensors; a JSON beside it says how it was made.
        experiment: whose network, data and training settings are used.
        profile: smoke, cpu or full.
        seed: of weights, batches and augmentation.
        passes: images seen.
        data: set whose training families it learns from; strangers shares no family with any other set.
        precision: fp32 or bf16.
    """
    from twinlib.train.pretraining.trunk import make_trunk

    if not out.endswith(".safetensors"):
        raise InputError(f"out must end in .safetensors; got {out!r}.")
    # nothing stands still and nothing is loaded: this is where rows start, it does not start anywhere itself
    settings = ("train.frozen=null", "train.trunk=null", "data.families=null", "evaluate.sets=[]")
    settings += () if profile == "smoke" else ("train.warmup=60",)  # longer than all of smoke
    settings += (f"train.passes={passes}", f"train.precision={precision}", f"data.name={data}")
    print(make_trunk(experiment, profile, seed, settings, Path(out)))


def export(weights: str, out: str, format: Literal["onnx", "torchscript"] = "onnx") -> None:
    """Write a trained network as an ONNX or TorchScript file, and compare the two.

    Args:
        weights: folder with model.safetensors and config.json, safetensors file, id of a run, bundled or hub model.
        out: file to write.
        format: onnx or torchscript.
    """
    from twinlib.models.onnx import difference, examples, export_onnx
    from twinlib.models.torchscript import export_torchscript, script_difference
    from twinlib.train.stored.origin import located
    from twinlib.train.stored.pretrained import load

    net = load(located(weights, None, False))
    write, differs = (export_onnx, difference) if format == "onnx" else (export_torchscript, script_difference)
    write(net, Path(out))
    print(f"{out}: inputs {', '.join(examples(net, 1))}; differs from the network by {differs(net, Path(out)):.1e}")
