"""What there was to say of a recording or a conversion."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

from ._evz import loss_in_words
from .errors import InferredWarning, LossWarning


@dataclass(frozen=True)
class Loss:
    """Something of the input that is not in the output."""

    what: str
    """What was lost, as a plural: `lines that are no event`."""
    count: int
    """How many."""
    examples: tuple[str, ...] = ()
    """The first few, with their place."""
    agreed: bool = False
    """Whether an argument asked for it: `on_bad_line="skip"`, `round="us"`, `drop="outside"`."""

    def __str__(self) -> str:
        return loss_in_words(self.what, self.count)


@dataclass(frozen=True)
class Report:
    """What was inferred, noticed and lost."""

    inferred: tuple[str, ...] = ()
    """What was inferred rather than told: `read as: t x y p, microseconds, ...`."""
    notes: tuple[str, ...] = ()
    """What is to be known, though nothing is lost."""
    losses: tuple[Loss, ...] = field(default=())
    """What is not in the output."""

    @classmethod
    def _of(cls, words: tuple[list[str], list[str], list[tuple[str, int, list[str], bool]]]) -> Report:
        inferred, notes, losses = words
        lost = tuple(Loss(what, count, tuple(examples), agreed) for what, count, examples, agreed in losses)
        return cls(tuple(inferred), tuple(notes), lost)

    def _warn(self, name: str, stacklevel: int) -> None:
        """Says what the caller may not know."""
        for text in (*self.inferred, *self.notes):
            warnings.warn(f"{name}: {text}", InferredWarning, stacklevel=stacklevel + 1)
        for loss in self.losses:
            examples = f" ({'; '.join(loss.examples)})" if loss.examples else ""
            word, kind = ("as told", InferredWarning) if loss.agreed else ("left out", LossWarning)
            warnings.warn(f"{name}: {word}: {loss}{examples}", kind, stacklevel=stacklevel + 1)
