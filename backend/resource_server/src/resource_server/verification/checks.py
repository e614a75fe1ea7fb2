"""Checks of settings: of the right type, finite, and within their bounds. Each raises ValueError."""

import math
from collections.abc import Collection


def _is_number(value: object) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))


def check_seconds(name: str, value: float, maximum: float = math.inf) -> None:
    """Raise ValueError unless the value is a finite number of seconds, from 0 to ``maximum``."""
    if not _is_number(value) or not 0 <= value <= maximum:
        bounds = f"from 0 to {maximum:g}" if math.isfinite(maximum) else "of 0 or more"
        raise ValueError(f"{name} must be a number of seconds {bounds}; got {value!r}")


def check_positive_seconds(name: str, value: float) -> None:
    """Raise ValueError unless the value is a finite number of seconds above 0."""
    if not _is_number(value) or value <= 0:
        raise ValueError(f"{name} must be a number of seconds above 0; got {value!r}")


def check_count(name: str, value: object) -> None:
    """Raise ValueError unless the value is a whole number of at least 1."""
    if type(value) is not int or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1; got {value!r}")


def check_text(name: str, value: object) -> None:
    """Raise ValueError unless the value is a string that is not empty."""
    if type(value) is not str or not value:
        raise ValueError(f"{name} must be a string that is not empty; got {value!r}")


def check_names(name: str, value: Collection[str]) -> None:
    """Raise ValueError unless the value is a collection of strings; a single string is not one."""
    is_collection = isinstance(value, tuple | list | set | frozenset)
    if not is_collection:
        raise ValueError(f"{name} must be a list of names; got {value!r}")
    for item in value:
        check_text(f"each of {name}", item)
