"""The artifact: what every command reads and writes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

import numpy as np

from specrob.artifacts.provenance import Provenance
from specrob.results import Record, Result


@dataclass(frozen=True)
class Artifact:
    """Arrays and facts of one kind, with where they come from.

    Parameters
    ----------
    kind : str
        A row of `specrob.registry.KINDS`.
    arrays : mapping of str to ndarray
        The numbers.
    fields : mapping
        Facts that JSON can hold, and the whole result for the JSON kinds.
    provenance : Provenance
        The command, seed and data behind it.

    Examples
    --------
    >>> one, other = Artifact("landscape", {"u": np.zeros(2)}), Artifact("landscape")
    >>> one.digest == other.digest
    False
    """

    kind: str
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    @classmethod
    def of(cls, result: Result) -> "Artifact":
        """Return a result as an artifact: its field names are the names on disk.

        >>> from specrob.results import Checkpoint
        >>> Artifact.of(Checkpoint(settings={"seed": 1}, state={})).fields["settings"]
        {'seed': 1}
        """
        values = result.written()
        arrays = {k: np.asarray(v) for k, v in values.items() if hasattr(v, "shape")}
        facts = {k: _plain(v) for k, v in values.items() if k not in arrays}
        return cls(result.kind, arrays, facts)

    @property
    def digest(self) -> str:
        """SHA-256 of the content: kind, facts and arrays; never of the file or its history."""
        return digest(self.arrays, {"kind": self.kind, **self.fields})


def _plain(value: Any) -> Any:
    """Return a value with the records in it as dictionaries, which JSON can hold."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Record):
        value = value.written()
    elif is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return value


@dataclass(frozen=True)
class Stack:
    """An array whose parts, along its first axis, come one after another."""

    dtype: np.dtype
    shape: tuple[int, ...]
    parts: Iterable[np.ndarray]


def digest(
    arrays: Mapping[str, np.ndarray | Stack], facts: Mapping[str, Any] | None = None
) -> str:
    """Return the SHA-256 of names, dtypes, shapes and bytes in sorted order.

    >>> digest({"a": np.arange(3)}) == digest({"a": np.array([0, 1, 2])})
    True
    """
    sha = hashlib.sha256(json.dumps(facts or {}, sort_keys=True).encode())
    for name in sorted(arrays):
        given = arrays[name]
        whole = given if isinstance(given, Stack) else np.asarray(given, order="C")
        sha.update(f"{name}:{whole.dtype.str}:{whole.shape};".encode())
        for part in whole.parts if isinstance(whole, Stack) else [whole]:
            array = np.asarray(part, order="C")
            plain = array.dtype.kind in "biufc"  # others, text and dates, have no buffer to read
            sha.update(array.reshape(-1).data if plain else array.tobytes())
    return sha.hexdigest()
