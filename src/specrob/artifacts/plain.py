"""Plain JSON values against the types that the contract gives them."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

LARGEST = {int: 2**63 - 1, float: 1.7e308}


def conforms(value: Any, hint: Any) -> bool:
    """Return whether what JSON gave is of a type; numbers are finite, and bool is no number.

    Parameters
    ----------
    value : Any
        Of dictionaries, lists, strings, numbers, booleans and None.
    hint : type
        Of str, bool, int, float, None, Any, unions and literals; tuples, lists and mappings of
        such; dataclasses and typed dictionaries.

    Examples
    --------
    >>> conforms([1, None], list[float | None]), conforms([1, 2, 3], tuple[int, int])
    (True, False)
    >>> conforms({"a": True}, Mapping[str, int])
    False
    """
    if hint in LARGEST:
        kinds = (int, float) if hint is float else int
        is_number = isinstance(value, kinds) and not isinstance(value, bool)
        return is_number and abs(value) <= LARGEST[hint]
    if is_dataclass(hint) or is_typeddict(hint):
        return _is_record(value, hint)
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(conforms(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin in (tuple, list):
        return isinstance(value, list) and _are_items(value, origin, parts)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, dict) and all(conforms(v, parts[1]) for v in value.values())
    return hint is Any or isinstance(value, type(None) if hint is None else hint)


def _is_record(value: Any, hint: Any) -> bool:
    hints = get_type_hints(hint)
    if is_typeddict(hint):
        needed = hint.__required_keys__
    else:
        optional = {f.name for f in fields(hint) if f.default is not MISSING}
        optional |= {f.name for f in fields(hint) if f.default_factory is not MISSING}
        needed = hints.keys() - optional
    return (
        isinstance(value, dict)
        and needed <= value.keys()
        and all(conforms(value[name], hints[name]) for name in value.keys() & hints.keys())
    )


def _are_items(values: list, origin: type, parts: tuple) -> bool:
    if origin is list or parts[-1] is Ellipsis:
        return all(conforms(value, parts[0]) for value in values)
    return len(values) == len(parts) and all(map(conforms, values, parts))
