"""Names of one kind of thing: for each its settings, and the class that they build, imported when it is built."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from operator import attrgetter
from typing import Any

from twinlib.errors import InputError

Builder = str | Callable[..., Any]  # "module:class", or what is called


class Registry(Mapping[str, type]):
    """Name → settings class.

    Args:
        kind: what the names name, for messages.
        named: name → settings class, and the class that is built from them.
    """

    def __init__(self, kind: str, named: Mapping[str, tuple[type, Builder]]) -> None:
        self.kind, self.named = kind, dict(named)

    def __getitem__(self, name: str) -> type:
        """Settings class of a name."""
        return self.named[name][0]

    def __iter__(self) -> Iterator[str]:
        """The names, in order."""
        return iter(self.named)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self.named)

    def add(self, name: str, settings: type, builder: Builder) -> None:
        """Add a thing of one's own, or put it in the place of another."""
        self.named[name] = settings, builder

    def name_of(self, settings: object) -> str:
        """The name that settings are known by.

        Raises:
            InputError: for settings of another kind; the message lists the known names.
        """
        for name, (kind, _) in self.named.items():
            if type(settings) is kind:
                return name
        known = ", ".join(sorted(self.named))
        raise InputError(f"settings {type(settings).__name__} are of no {self.kind}; known: {known}.")

    def builder(self, name: str) -> Callable[..., Any]:
        """What builds a thing from its settings."""
        builder = self.named[name][1]
        if isinstance(builder, str):
            module, _, attribute = builder.partition(":")
            builder = attrgetter(attribute)(import_module(module))
        return builder

    def build(self, settings: object, *given: object) -> Any:  # whatever the kind is of
        """The thing that settings describe.

        Args:
            settings: of a class of this registry.
            given: what it is built from besides.

        Raises:
            InputError: for settings of another kind.
        """
        return self.builder(self.name_of(settings))(settings, *given)
