"""The command line: `twinlib COMMAND --help` says what each command takes."""

import os
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import get_type_hints

from jsonargparse import ArgumentParser, Namespace

from twinlib.audit.command import audit
from twinlib.cli import data, synth
from twinlib.cli.evaluate import embed, evaluate
from twinlib.cli.on_runs import export, inspect, score, sweep, trunk
from twinlib.cli.study import study
from twinlib.cli.verify import calibrate, verify
from twinlib.config import PROFILES, experiments, load
from twinlib.config.recipe import plan
from twinlib.errors import InputError
from twinlib.machine.benchmark import benchmark
from twinlib.machine.doctor import doctor
from twinlib.parts import cluster
from twinlib.ranges import Seed, faults
from twinlib.verify.web.service import serve
from twinlib.version import __version__


def run(
    experiment: str,
    profile: str = "cpu",
    device: str = "auto",
    seed: Seed = 0,
    set: list[str] | None = None,
    dry: bool = False,
) -> None:
    """Train and evaluate an experiment, unless it has a record already.

    Args:
        experiment: name of a file in twinlib/experiments, or the path of one.
        profile: smoke, cpu or full.
        device: auto, cpu or cuda.
        seed: of weights, batches and augmentation.
        set: overrides with dotted keys, e.g. train.lr=1.0e-3.
        dry: only print the steps, and our settings next to the paper's.
    """
    if dry:
        print(plan(load(experiment, profile, tuple(set or ()), seed)))
        return
    from twinlib.train.run import run as run_experiment

    fresh = profile == "smoke"
    record = run_experiment(experiment, profile, device, seed, tuple(set or ()), may_train=True, fresh=fresh)
    print(record.summary())


def runs() -> None:
    """List the run records of `results/`."""
    from twinlib.records.comparison import runs_table

    print(runs_table())


def compare(a: str, b: str) -> None:
    """Compare two runs on the pairs they share: paired differences with intervals over families.

    Args:
        a: id of a run, or the beginning of one.
        b: id of another.
    """
    from twinlib.records.comparison import compare as compare_runs

    print(compare_runs(a, b))


def _experiments() -> None:
    """List the experiments, each with the question it answers."""
    for name, question in experiments().items():
        print(f"{name:24} {question}")


INSTALL = "Install what trains and evaluates: pip install 'twinlib[train]'; other extras are listed in README.md."
Command = Callable[..., int | None]

# A function, or the module of a group: its docstring and its own COMMANDS.
COMMANDS: dict[str, Command | ModuleType] = {
    "synth": synth.synth,
    "synth-sets": synth.synth_sets,
    "synth-audit": synth.synth_audit,
    "synth-card": synth.synth_card,
    "data": data,
    "landmarks": data.landmarks,
    "evaluate": evaluate,
    "embed": embed,
    "verify": verify,
    "audit": audit,
    "calibrate": calibrate,
    "serve": serve,
    "export": export,
    "run": run,
    "sweep": sweep,
    "study": study,
    "score": score,
    "trunk": trunk,
    "runs": runs,
    "compare": compare,
    "inspect": inspect,
    "experiments": _experiments,
    "doctor": doctor,
    "benchmark": benchmark,
}

# Commands whose work comes in parts, which machines can share.
SHARED = (synth.synth, data.landmarks, embed, audit, sweep, study)
CLUSTER = "tcp://HOST:PORT of a Dask scheduler, or a YAML file with a section slurm; this machine if not given"


def parser() -> ArgumentParser:
    """The parser: one subcommand per function of `COMMANDS`, arguments and help from signature and docstring."""
    top = ArgumentParser(prog="twinlib", description="Identical-twin face verification.", version=__version__)
    _add(top, COMMANDS)
    return top


def _add(parent: ArgumentParser, functions: Mapping[str, Command | ModuleType]) -> None:
    """Give `parent` a subcommand per function; of a module, those of its own `COMMANDS`."""
    commands = parent.add_subcommands(dest="command", required=True)
    for name, function in functions.items():
        sub = ArgumentParser(description=(function.__doc__ or "").splitlines()[0])
        if function is run:
            sub.add_function_arguments(function, as_positional=True, as_group=False, skip={"set", "profile", "device"})
            sub.add_argument("--profile", choices=PROFILES, default="cpu", help="size of models and data")
            sub.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
            sub.add_argument("--set", nargs="+", metavar="KEY=VALUE", help="overrides, e.g. train.lr=1.0e-3")
            _flags(sub)
        elif function is verify:
            for photograph in ("a", "b"):
                sub.add_argument(photograph, nargs="?", help="photograph")
            sub.add_function_arguments(function, as_group=False, skip={"a", "b"})
            _flags(sub)
        elif not isinstance(function, ModuleType):
            sub.add_function_arguments(function, as_positional=True, as_group=False)
            _flags(sub)
        if function in SHARED:
            sub.add_argument("--cluster", help=CLUSTER)
        commands.add_subcommand(name, sub, help=(function.__doc__ or "").splitlines()[0])
        if isinstance(function, ModuleType):  # jsonargparse wants the outer level to be there first
            _add(sub, function.COMMANDS)


def _flags(parser: ArgumentParser) -> None:
    """Let `--name` mean `--name true`, and `--two-words` be `--two_words`: jsonargparse does neither by itself."""
    for action in parser._actions:
        if action.default is False:
            action.nargs, action.const = "?", True
        for option in [name for name in action.option_strings if "_" in name]:
            parser._option_string_actions[hyphened := option.replace("_", "-")] = action
            action.option_strings = [hyphened, *action.option_strings]


def _chosen(settings: Namespace, functions: Mapping[str, Command | ModuleType]) -> tuple[str, Command, dict]:
    """What was typed: the name of the command, its function, its arguments."""
    name, function = settings.command, functions[settings.command]
    if not isinstance(function, ModuleType):
        return name, function, vars(settings[name])
    inner, function, arguments = _chosen(settings[name], function.COMMANDS)
    return f"{name} {inner}", function, arguments


def _in_range(function: Command, given: Mapping[str, object]) -> None:
    """Refuse numbers outside the ranges that the function's annotations declare, before anything is read."""
    for name, hint in get_type_hints(function, include_extras=True).items():
        for fault in faults(f"--{name.replace('_', '-')}", given.get(name), hint):
            raise InputError(fault)


def main(arguments: list[str] | None = None) -> int:
    """Run a command: 0 if it succeeded, 2 if the input was bad (one line of error); `verify` has 1 and 3.

    Args:
        arguments: instead of the process's own.
    """
    command, function, given = _chosen(parser().parse_args(arguments), COMMANDS)
    try:
        _in_range(function, given)
        with cluster.at(given.pop("cluster", None)):
            code = function(**given)
        sys.stdout.flush()
    except InputError as error:
        print(f"twinlib {command}: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "twinlib":
            raise
        print(f"twinlib {command}: needs {error.name}. {INSTALL}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        sys.stdout = open(os.devnull, "w")  # or Python complains again when it closes
        return 0
    except KeyboardInterrupt:
        print(f"twinlib {command}: stopped; run the same command to go on.", file=sys.stderr)
        return 130
    return code or 0


if __name__ == "__main__":
    sys.exit(main())
