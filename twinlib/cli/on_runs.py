"""Commands on runs: many at once, on one more data set, as a page to look at, as a trunk, as ONNX."""

import sys
from pathlib import Path

from twinlib.errors import InputError
from twinlib.ranges import Count, Seed


def sweep(
    experiments: str,
    seeds: str = "0-4",
    profile: str = "cpu",
    device: str = "auto",
    shard: str = "0/1",
    set: str = "",
    dry: bool = False,
) -> None:
    """Run experiments with several seeds, one after the other; what has a record is left alone.

    Args:
        experiments: names of experiments, or paths of YAML files, with commas between.
        seeds: e.g. 0-4 or 0,3,7.
        profile: smoke, cpu or full.
        device: auto, cpu or cuda.
        shard: i/n takes every n-th run, starting with the i-th (0-based): one a GPU, machine or task.
        set: overrides for all runs, with blanks between, e.g. "train.lr=1.0e-3 train.groups=8".
        dry: only list the runs.
    """
    from twinlib.config import load
    from twinlib.train.run import run

    i, n = shard_of(shard)
    given, names = tuple(set.split()), [name.strip() for name in experiments.split(",")]
    jobs = [(name, seed) for name in names for seed in seeds_of(seeds)]
    for name, seed in jobs:
        load(name, profile, given, seed)  # a typing error is refused before the first run, not after the third
    mine = jobs[i::n]
    failed = []
    for number, (name, seed) in enumerate(mine, start=1):
        print(f"{number}/{len(mine)} {name} seed {seed}", flush=True)
        if dry:
            continue
        try:
            run(name, profile, device, seed, given, may_train=True)
        except InputError as error:  # the others may still work
            print(f"twinlib sweep: {name} seed {seed}: {error}", file=sys.stderr, flush=True)
            failed.append(f"{name} seed {seed}")
    if failed:
        raise InputError(f"{len(failed)} of {len(mine)} runs failed: {', '.join(failed)}. Run the command again.")


def shard_of(text: str) -> tuple[int, int]:
    """(i, n) from i/n.

    Raises:
        InputError: unless 0 <= i < n.
    """
    i, _, n = text.partition("/")
    if not (i.isdigit() and n.isdigit() and int(i) < int(n)):
        raise InputError(f"shard must be i/n with i from 0 to n − 1, e.g. 0/4 for the first of four; found {text!r}.")
    return int(i), int(n)


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
    """Score a trained run on the twins of one more data set; its record grows by a protocol.

    Args:
        run: id of a record, the beginning of one, or the name of an experiment (all its records).
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
        raise InputError(f"no run is called {run!r}; experiments with records: {known}. `twinlib runs` lists them.")
    for one in progress(found, len(found), f"twins of {dataset}", "run"):
        print(score_further(one, dataset, device).summary())


def inspect(run: str, out: str = "inspector.html", pairs: Count = 60, store_maps: bool = False) -> None:
    """Write a run's pairs with threshold, counts and attention as one HTML file that works offline.

    Args:
        run: id of a record in results/runs, or the beginning of one.
        out: file to write.
        pairs: faces are shown of so many pairs.
        store_maps: also write the maps beside the records, for machines that have not the weights.
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


def _only(text: str, runs: list) -> object:
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
    profile: str = "study",
    seed: Seed = 0,
    passes: Count = 180000,
    data: str = "strangers",
    precision: str = "fp32",
) -> None:
    """Pre-train a backbone on renderer targets and identities of training families.

    Args:
        out: file to write, ending in .safetensors; a JSON beside it says how it was made.
        experiment: whose network, data and training settings are used.
        profile: smoke, cpu, full or study.
        seed: of weights, batches and augmentation.
        passes: images seen.
        data: set whose training families it learns on; strangers shares none with any other.
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


def export(weights: str, out: str) -> None:
    """Write a trained network as an ONNX file, and compare the two.

    Args:
        weights: folder with model.safetensors and config.json, safetensors file, id of a run, bundled or hub model.
        out: file to write.
    """
    from twinlib.models.onnx import difference, examples, export_onnx
    from twinlib.train.stored.origin import located
    from twinlib.train.stored.pretrained import load

    net = load(located(weights, None, False))
    export_onnx(net, Path(out))
    print(f"{out}: inputs {', '.join(examples(net, 1))}; differs from the network by {difference(net, Path(out)):.1e}")
