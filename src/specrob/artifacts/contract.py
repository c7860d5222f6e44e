"""Check artifacts against the records of their kinds, and convert them to these records."""

from collections.abc import Sequence
from dataclasses import MISSING, Field, field, fields, make_dataclass
from functools import cache
from typing import Any, TypeVar, get_type_hints

import msgspec
import numpy as np

from specrob.artifacts.artifact import Artifact
from specrob.errors import ArtifactError
from specrob.registry import KINDS
from specrob.results import Result, array_axes

R = TypeVar("R", bound=Result)
MAY_BE_EMPTY = ("N", "I")  # axes: of a spectrum without variance


def record_of(kind: str) -> type[Result]:
    """Return the record of a kind.

    >>> record_of("spectrum").maker
    'spectrum'
    """
    record: type[Result] = KINDS[kind]
    return record


def to_result(artifact: Artifact, record: type[R], source: str = "the input") -> R:
    """Return the record of an artifact, its arrays and facts checked.

    Raises
    ------
    ArtifactError
        If it is of another kind, or an array or a fact is missing or not as the record says.

    Examples
    --------
    >>> from specrob.results import Checkpoint
    >>> state = Artifact("checkpoint", fields={"settings": {}, "state": {"epoch": 3}})
    >>> to_result(state, Checkpoint).state
    {'epoch': 3}
    """
    expect(artifact, record.kind, source)
    facts = _facts(artifact, record)
    names = [f.name for f in fields(facts)]
    arrays = {
        name: artifact.arrays[name] for name in array_axes(record) if name in artifact.arrays
    }
    return record(**{name: getattr(facts, name) for name in names}, **arrays)


def expect(
    artifact: Artifact, kinds: str | Sequence[str] | None = None, source: str = "the input"
) -> Artifact:
    """Return the artifact if it is of one of the kinds, by default of any, and valid.

    Raises
    ------
    ArtifactError
        If it is of another kind, or an array or a fact is missing or not as its record says.

    Examples
    --------
    >>> expect(Artifact("arrays"), ["arrays", "weights"]).kind
    'arrays'
    >>> expect(Artifact("arrays"), "model")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.ArtifactError: expected an artifact of kind model in the input, found...
    """
    wanted = [kinds] if isinstance(kinds, str) else list(kinds or [artifact.kind])
    if artifact.kind not in wanted:
        raise ArtifactError(
            f"expected an artifact of kind {' or '.join(wanted)} in {source}, found "
            f"`{artifact.kind}`; "
            f"make one with `specrob {record_of(wanted[0]).maker}`"
        )
    wrong = _wrong_array(artifact) or _wrong_fact(artifact)
    if wrong:
        raise ArtifactError(
            f"expected {wrong[0]} in a {artifact.kind}, found {wrong[1]} in {source}; "
            "make the file again"
        )
    return artifact


def _is_required(f: Field[Any]) -> bool:
    return f.default is MISSING and f.default_factory is MISSING


def _facts(artifact: Artifact, record: type) -> Any:
    """Return the facts of an artifact as a record, checked by msgspec."""
    return msgspec.convert(artifact.fields, type=_facts_type(record), strict=True)


@cache
def _facts_type(record: type) -> type:
    """Return a record of the facts alone, which msgspec can check."""
    hints = get_type_hints(record)
    own = [f for f in fields(record) if f.name not in array_axes(record)]
    columns: list[Any] = [
        (f.name, hints[f.name])
        if _is_required(f)
        else (f.name, hints[f.name], field(default=None))
        for f in own
    ]
    return make_dataclass(record.__name__, columns, frozen=True, kw_only=True)


def _wrong_array(artifact: Artifact) -> tuple[str, str] | None:
    """Return what was expected and what was found for the first wrong array, or None."""
    record = record_of(artifact.kind)
    if record.format == "safetensors":
        empty = next((name for name, array in artifact.arrays.items() if not array.size), None)
        return (f"weights in `{empty}`", "none") if empty else None
    needed = {f.name for f in fields(record) if _is_required(f)}
    sizes = {"2": 2, "3": 3}
    for name, axes in array_axes(record).items():
        array = artifact.arrays.get(name)
        if array is None:
            if name in needed:
                return f"`{name}`", "none"
            continue
        if array.dtype.kind not in axes.dtype:
            return f"`{name}` of another type", str(array.dtype)
        if not _fits(array.shape, axes.names.split(), sizes):
            return f"`{name}` with axes ({axes.names})", f"shape {array.shape}"
        if axes.finite and np.isinf(array).any():
            return f"finite numbers in `{name}`", "inf"
    return None


def _fits(shape: tuple[int, ...], axes: list[str], sizes: dict[str, int]) -> bool:
    """Return whether a shape has those axes; the first array with an axis decides its size."""
    return len(shape) == len(axes) and all(
        sizes.setdefault(axis, size) == size and (size > 0 or axis in MAY_BE_EMPTY)
        for axis, size in zip(axes, shape, strict=True)
    )


def _wrong_fact(artifact: Artifact) -> tuple[str, str] | None:
    """Return what was expected and what was found for the first wrong fact, or None."""
    record = record_of(artifact.kind)
    try:
        facts = _facts(artifact, record)
    except msgspec.ValidationError as error:
        return "valid facts", str(error).replace(" - at `$.", " at `")
    present = {name for name, value in artifact.fields.items() if value is not None}
    present.update(artifact.arrays)
    for names in record.together:
        lacking = [name for name in names if name not in present]
        if 0 < len(lacking) < len(names):
            return f"`{lacking[0]}` beside {', '.join(names)}", "none"
    lengths = {name: len(getattr(facts, name)) for name in record.parallel}
    longest = max(1, *lengths.values()) if lengths else 0
    short = next((name for name, length in lengths.items() if length < longest), None)
    return (f"`{short}` of length {longest}", f"{lengths[short]} values") if short else None
