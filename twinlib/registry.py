"""Names of one kind of thing, and where the class of each is; it is imported when it is asked for."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Generic, TypeVar

from twinlib.errors import InputError

T = TypeVar("T")


class Registry(MutableMapping[str, T], Generic[T]):
    """A dictionary whose values may be written as "module:class".

    Args:
        kind: what the names name, for messages.
        places: name → "module:class", or the class itself.
    """

    def __init__(self, kind: str, places: dict[str, str | T]) -> None:
        self.kind, self.places = kind, dict(places)

    def __getitem__(self, name: str) -> T:
        """The class of a name.

        Raises:
            InputError: for an unknown name; the message lists the known ones.
        """
        if name not in self.places:
            raise InputError(f"{self.kind} {name!r} is unknown; known: {', '.join(sorted(self.places))}.")
        place = self.places[name]
        if isinstance(place, str):
            module, _, attribute = place.partition(":")
            self.places[name] = place = getattr(import_module(module), attribute)
        return place

    def __setitem__(self, name: str, value: T) -> None:
        """Add a class of one's own, or put it in the place of another."""
        self.places[name] = value

    def __delitem__(self, name: str) -> None:
        """Forget a name."""
        del self.places[name]

    def __contains__(self, name: object) -> bool:
        """Whether the name is known; nothing is imported."""
        return name in self.places

    def __iter__(self) -> Iterator[str]:
        """The names, in order."""
        return iter(self.places)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self.places)
