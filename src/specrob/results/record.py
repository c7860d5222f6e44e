"""What every record of results has: its kind and format, and the axes of its arrays."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_type_hints

from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["safetensors", "npz", "json"]
Array = NDArray[Any]
Facts = Mapping[str, Any]


def recorded() -> Any:
    """Return a field that is None by default, and is written even then."""
    return field(default_factory=lambda: None)


@dataclass(frozen=True)
class Axes:
    """The axes of an array, its unit and meaning.

    Parameters
    ----------
    names : str
        Letters separated by spaces, a digit for an axis of that length; "" for a single number.
    text : str
        What it is.
    unit : str
    dtype : str
        numpy's letters for the types that it may have.
    finite : bool
        Whether no number may be infinite; NaN pads.
    """

    names: str
    text: str = ""
    unit: str = ""
    dtype: str = "fiu"
    finite: bool = False


@dataclass(frozen=True)
class Record:
    """A result, or a part of one: the names of its fields are the names on disk."""

    together: ClassVar[tuple[tuple[str, ...], ...]] = ()  # names of which none comes alone

    def written(self) -> dict[str, Any]:
        """Return the fields that a file holds, by name.

        None is left out, unless a field has no default, is `recorded`, or stands in `together`
        with a fact that is not None.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        names = {
            f.name for f in fields(self) if f.default is MISSING or values[f.name] is not None
        }
        names.update(*(group for group in self.together if names.intersection(group)))
        return {name: value for name, value in values.items() if name in names}


@dataclass(frozen=True)
class Result(Record):
    """What every kind of artifact has: its kind, its format, and the command that makes it."""

    kind: ClassVar[str]
    format: ClassVar[Format]
    maker: ClassVar[str]
    parallel: ClassVar[tuple[str, ...]] = ()  # lists of one length, at least 1
    rows: ClassVar[str] = ""  # axes of which every position is a row of a data frame

    def to_frame(self) -> "pd.DataFrame":
        """Return the numbers as a pandas data frame; pandas is imported only here."""
        from specrob.results.frames import to_frame

        return to_frame(self)


def array_axes(record: type) -> dict[str, Axes]:
    """Return the axes of a record's arrays, by name."""
    return _array_axes(record)


@cache
def _array_axes(record: type) -> dict[str, Axes]:
    hints = get_type_hints(record, include_extras=True)
    return {
        name: part
        for name, hint in hints.items()
        for part in getattr(hint, "__metadata__", ())
        if isinstance(part, Axes)
    }
