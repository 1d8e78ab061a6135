"""Arguments that one function hands on to another."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def check_names(name: str, taken_by: Callable[..., Any], options: Mapping[str, Any], *own: Callable[..., Any]) -> None:
    """Refuses options that nobody takes, in the name of the function that was called.

    Args:
        name: What the caller called.
        taken_by: What the options are handed on to.
        options: The options by name.
        own: What was called and whatever else it takes the arguments of, which may be meant.

    Raises:
        TypeError: With the nearest name that there is.
    """
    further = _names(taken_by)
    for option in options:
        if option not in further:
            meant = [name for function in own for name in _names(function)]
            near = difflib.get_close_matches(option, [*meant, *further], 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{name}() has no argument {option!r}{hint}")


def listed(told: str | Sequence[str]) -> list[str]:
    """One thing or several."""
    return [told] if isinstance(told, str) else list(told)


def map_text(polarity_map: str | Mapping[object, str] | None) -> str | None:
    """What values stand for as options have it: `2=on,0=off`."""
    if polarity_map is None or isinstance(polarity_map, str):
        return polarity_map
    return ",".join(f"{value}={meaning}" for value, meaning in polarity_map.items())


def _names(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY or p.kind is p.POSITIONAL_OR_KEYWORD]
