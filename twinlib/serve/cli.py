"""The command line: `twinlib COMMAND --help` says what each command takes."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from jsonargparse import ArgumentParser

from twinlib.config import PROFILES, experiments
from twinlib.errors import InputError
from twinlib.version import __version__


def synth(name: str, out: str | None = None, workers: int | None = None) -> None:
    """Render a synthetic twin set.

    Args:
        name: a named set, e.g. smoke or default.
        out: folder to write into; build/data/NAME if not given.
        workers: processes; all cores if not given.
    """
    from twinlib import paths
    from twinlib.data.syntwins import synthesise

    print(synthesise(name, Path(out) if out else paths.data_dir() / name, workers=workers))


def landmarks(images: str, out: str | None = None, size: int = 112, workers: int | None = None) -> None:
    """Find faces, align crops and lay region boxes, in a data set or in any photographs.

    Args:
        images: name of a data set, or a folder, a zip or a photograph.
        out: folder to write into; aligned/ beside the data set if not given.
        size: side of the crops in pixels.
        workers: processes; all cores if not given.
    """
    from twinlib.data.faces import find_faces
    from twinlib.data.manifest import dataset_root

    root = Path(images) if Path(images).exists() else dataset_root(images)
    print(find_faces(root, Path(out) if out else None, size=size, workers=workers))


def run(
    experiment: str, profile: str = "cpu", device: str = "auto", seed: int = 0, set: list[str] | None = None
) -> None:
    """Train and evaluate an experiment, unless its record exists.

    Args:
        experiment: name of a file in twinlib/experiments, or the path of one.
        profile: smoke, cpu or full.
        device: auto, cpu or cuda.
        seed: of weights, batches and augmentation.
        set: overrides with dotted keys, e.g. train.lr=1.0e-3.
    """
    from twinlib.train.run import run as run_experiment

    fresh = profile == "smoke"
    record = run_experiment(experiment, profile, device, seed, tuple(set or ()), may_train=True, fresh=fresh)
    print(record.summary())


def runs() -> None:
    """List the run records of `results/`."""
    from twinlib.evaluate.records import runs_table

    print(runs_table())


def compare(a: str, b: str) -> None:
    """Compare two runs on the pairs they share: paired differences with intervals over families.

    Args:
        a: id of a run, or the beginning of one.
        b: id of another.
    """
    from twinlib.evaluate.records import compare as compare_runs

    print(compare_runs(a, b))


def _experiments() -> None:
    """List the experiments and the question each asks."""
    for name, question in experiments().items():
        print(f"{name:24} {question}")


COMMANDS: dict[str, Callable[..., None]] = {
    "synth": synth,
    "landmarks": landmarks,
    "run": run,
    "runs": runs,
    "compare": compare,
    "experiments": _experiments,
}


def parser() -> ArgumentParser:
    """The parser: one subcommand per function of `COMMANDS`, arguments and help from signature and docstring."""
    top = ArgumentParser(prog="twinlib", description="Identical-twin face verification.", version=__version__)
    commands = top.add_subcommands(dest="command", required=True)
    for name, function in COMMANDS.items():
        sub = ArgumentParser(description=(function.__doc__ or "").splitlines()[0])
        if function is run:
            sub.add_function_arguments(function, as_positional=True, as_group=False, skip={"set", "profile", "device"})
            sub.add_argument("--profile", choices=PROFILES, default="cpu", help="size of models and data")
            sub.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
            sub.add_argument("--set", nargs="+", metavar="KEY=VALUE", help="overrides, e.g. train.lr=1.0e-3")
        else:
            sub.add_function_arguments(function, as_positional=True, as_group=False)
        commands.add_subcommand(name, sub, help=(function.__doc__ or "").splitlines()[0])
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 if it did what was asked, 2 if the input was bad (said on standard error in one line).

    Args:
        arguments: instead of the process's own.
    """
    chosen = parser().parse_args(arguments)
    command = chosen.command
    try:
        COMMANDS[command](**vars(chosen[command]))
        sys.stdout.flush()
    except InputError as error:
        print(f"twinlib {command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        sys.stdout = open(os.devnull, "w")  # or Python complains again when it closes
        return 0
    except KeyboardInterrupt:
        print(f"twinlib {command}: stopped; run the same command to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
