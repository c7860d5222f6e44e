"""Plain values, as JSON and TOML give them, against types."""

from typing import Any

import msgspec


def conforms(value: Any, hint: Any) -> bool:
    """Return whether a plain value is of a type; true and false are no numbers.

    >>> conforms([1, None], list[float | None]), conforms([1, 2, 3], tuple[int, int])
    (True, False)
    """
    try:
        msgspec.convert(value, type=hint, strict=True)
    except msgspec.ValidationError:
        return False
    return True
