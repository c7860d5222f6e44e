"""JSON of numbers and letters that every program can hold."""

import json
from typing import Any

MAX_NUMBER = 1.7e308


def loads(text: str | bytes) -> Any:
    """Return the value of JSON text.

    NaN, infinity, too large numbers and halves of letters raise ValueError.
    """
    value = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_small)
    json.dumps(value, ensure_ascii=False).encode()  # not halves of surrogate pairs
    return value


def _finite(word: str) -> float:
    number = float(word)
    return number if abs(number) <= MAX_NUMBER else _refuse(word)


def _small(word: str) -> int:
    return int(word) if len(word) < 20 and abs(int(word)) < 2**63 else _refuse(word)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word:.40} is no number that JSON can hold here")
