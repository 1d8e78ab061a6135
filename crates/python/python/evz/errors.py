"""What goes wrong, an exception for each kind of it."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any


class Error(Exception):
    """Anything that goes wrong in evz.

    Its text is where, what, and what can be done about it; the parts are attributes.

    Attributes:
        what: What is wrong, without the place.
        place: Where: some of `file`, `part`, `chunk`, `byte`, `line`, `row` and `event`.
        question: What has to be told, if telling something settles it: `"time_unit"`.
        argument: The argument of the call that tells it, mostly of the same name; none of what holds for all calls.
        readings: The answers that fit; none where any may do.
        further: What is to be told too, an error each: a recording asks for all of it at once.
    """

    what: str = ""
    place: dict[str, str | int] = {}
    question: str | None = None
    argument: str | None = None
    readings: tuple[str, ...] = ()
    further: tuple[Error, ...] = ()

    def _and(self, further: Sequence[Error]) -> None:
        """Takes what is to be settled too, and says it behind its own text."""
        self.further = tuple(further)
        file = self.place.get("file")
        begin = f"{file}: " if file else ""
        texts = [str(self), *(str(error).removeprefix(begin) for error in further)]
        self.args = ("; and ".join(texts),)

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers send their errors home, whatever the class wants of its arguments.
        return _again, (type(self), self.args, self.__dict__)


class IoError(Error, OSError):
    """The operating system refused: no permission, no space; `errno` says why."""


class NotFoundError(IoError, FileNotFoundError):
    """There is no such file."""


class CorruptError(Error):
    """The bytes contradict themselves or their checksum."""


class InsufficientDataError(Error, EOFError):
    """The input ends before it should."""


class UnsupportedError(Error):
    """A valid input that this version cannot read, or a thing that a format cannot hold."""


class LimitError(Error, MemoryError):
    """More memory is asked for than there is, or than the limits allow."""


class AmbiguousError(Error, ValueError):
    """Two readings of the input fit; `question` and `argument` say what has to be told."""


class InvalidArgumentError(Error, ValueError):
    """What was asked for makes no sense."""


class ChangedError(Error):
    """A recording that was pickled is another one, or gone, where it is opened again."""


class InferredWarning(UserWarning):
    """Something about a recording was inferred rather than told, or is to be known."""


class LossWarning(UserWarning):
    """Something of a recording was left out."""


_CLASSES: dict[str, type[Error]] = {
    "io": IoError,
    "corrupt": CorruptError,
    "insufficient_data": InsufficientDataError,
    "unsupported": UnsupportedError,
    "limit": LimitError,
    "ambiguous": AmbiguousError,
    "invalid_argument": InvalidArgumentError,
}

_ARGUMENTS = {"from": "time", "paths": "columns", "to": "time"}
"""Arguments that are called otherwise than what they tell."""


def _of_library(
    kind: str,
    what: str,
    place: dict[str, str | int],
    place_text: str,
    ways_out: Sequence[tuple[str, str, Sequence[str]]],
    number: int | None,
    cause: str | None,
) -> Error:
    """The exception for an error of the library."""
    told = next(((q, readings) for way, q, readings in ways_out if way == "tell"), None)
    named = next((q for way, q, _ in ways_out if way in ("tell", "leave_out")), None)
    ways = [_in_words(*way) for way in ways_out]
    text = f"{place_text}: {what}" if place_text else what
    text = "; ".join(filter(None, [text, ", or ".join(ways)]))
    if cause:
        text = f"{text}: {cause}"
    made = _CLASSES[kind]
    if made is IoError and number == errno.ENOENT:
        made = NotFoundError
    error = made(text)
    error.what = what
    error.place = place
    if told is not None:
        error.question, readings = told
        error.readings = tuple(readings)
    if named not in (None, "max_memory"):
        error.argument = _ARGUMENTS.get(named, named)
    if isinstance(error, OSError) and number is not None:
        error.errno = number
    return error


def _in_words(way: str, what: str, readings: Sequence[str]) -> str:
    """A way out as who writes Python takes it."""
    argument = _ARGUMENTS.get(what, what)
    if way == "tell":
        if what == "replace":
            return "pass replace=True"
        if what == "max_memory":
            return f'call evz.set_max_memory("{readings[0]}")'
        if not readings:
            return f"pass {argument}="
        quoted = [f'"{reading}"' for reading in readings]
        alternatives = ", ".join(quoted[:-1])
        alternatives = f"{alternatives} or {quoted[-1]}" if alternatives else quoted[-1]
        return f"pass {argument}={alternatives}"
    if way == "leave_out":
        return f"leave out {argument}="
    if way == "recover":
        return "`evz recover IN OUT` saves what is whole"
    return what


def asking(
    what: str, question: str, readings: Sequence[str], made: type[Error] = InvalidArgumentError
) -> Error:
    """An error that an answer to `question` settles."""
    error = made(f"{what}; {_in_words('tell', question, readings)}")
    error.what = what
    error.question = error.argument = question
    error.readings = tuple(readings)
    return error


def _again(made: type[Error], args: tuple[Any, ...], state: dict[str, Any]) -> Error:
    error = made(*args)
    error.__dict__.update(state)
    return error
