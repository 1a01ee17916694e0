"""What a configuration can name, by kind. Each room says in `NAMED` what it offers; those of `methods/` are found."""

from dataclasses import is_dataclass
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from twinlib import ahan, losses, methods, models
from twinlib.data import feed
from twinlib.registry import Registry

PAPERS = tuple(
    import_module(f"{methods.__name__}.{room.name}") for room in iter_modules(methods.__path__) if room.ispkg
)
ROOMS = (ahan, models, losses, feed, *PAPERS)


def registry(kind: str, rooms: tuple[ModuleType, ...] = ROOMS) -> Registry:
    """What some rooms offer of a kind: model, loss, term, sampler or perturb."""
    return Registry(kind, {name: offer for room in rooms for name, offer in room.NAMED.get(kind, {}).items()})


MODELS, LOSSES, TERMS = registry("model"), registry("loss"), registry("term")
SAMPLERS, PERTURBATIONS = registry("sampler"), registry("perturb")


def settings(name: str) -> type | None:
    """The settings class of this name, whatever room defines it; None if there is none."""
    for room in ROOMS:
        if is_dataclass(found := vars(room).get(name)):
            return found
    return None
