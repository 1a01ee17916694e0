"""What a network gives beside its embedding, for the terms of a loss that ask for it."""

from collections.abc import Mapping

from torch import Tensor


def answer(
    embedding: Tensor, given: Mapping[str, Tensor], wanted: tuple[str, ...]
) -> Tensor | tuple[Tensor, dict[str, Tensor]]:
    """The embedding alone, or with the extra outputs that were asked for.

    A network that has extra outputs names them in its attribute `outputs` and takes `wanted` in `forward`.
    """
    return (embedding, {name: given[name] for name in wanted}) if wanted else embedding
