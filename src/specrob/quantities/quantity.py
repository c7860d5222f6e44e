"""What a row of the table of quantities is, and the values that it gives."""

import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from specrob.radii import format_radius
from specrob.results import Result
from specrob.statistics.intervals import wilson_interval

R = TypeVar("R", bound=Result)
FEW_RADII = 4  # up to which accuracies are numbers rather than a curve
Number = float | int | str | tuple[float, float]  # a pair is a range from the least to the most
Labels = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Measured:
    """A number that a record holds, and how sure it is.

    Parameters
    ----------
    value : Number or None
        None where it could not be computed.
    labels : mapping
        For instance layer, attack and eps.
    note : str
        What a reader has to know of this one number.
    error : float or None
        Standard error.
    low, high : float or None
        95% interval.
    n : int or None
        Number of images that it is of.
    warnings : tuple of str
        Why the number may mislead.
    """

    value: Number | None
    labels: Labels = field(default_factory=dict)
    note: str = ""
    error: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def remarks(self) -> str:
        """The note and the warnings."""
        return ", ".join(filter(None, (self.note, *self.warnings)))


def share_of_images(chosen: NDArray[np.bool_]) -> Measured:
    """Return the share of images that are chosen, with its 95% interval.

    >>> share_of_images(np.array([True, False])).value
    0.5
    """
    share, images = float(chosen.mean()), len(chosen)
    low, high = wilson_interval(share, images)
    return Measured(share, {}, f"{images} images", low=low, high=high, n=images)


@dataclass(frozen=True)
class Quantity(Generic[R]):
    """A row of the table.

    Parameters
    ----------
    name : str
        An identifier.
    title : str
        What people read; ``{label}`` stands for the value of a label.
    unit : str
        1 for pure numbers.
    record : type of Result
        The record that holds it.
    get : callable (record) -> number, None, or an iterable of Measured
        None where the record does not hold it.
    topic : str
        Heading of the table of a report that shows it; "" for none.
    axis : str
        What the axis of a figure says, where it is not the title.
    is_detail : bool
        Whether it is left out of the line that a command prints.
    of_all_images : bool
        Whether it says nothing where the images were chosen by what attacks on them gave.
    """

    name: str
    title: str
    unit: str
    record: type[R]
    get: Callable[[R], Number | Iterable[Measured] | None]
    topic: str = ""
    axis: str = ""
    is_detail: bool = False
    of_all_images: bool = False

    @property
    def kind(self) -> str:
        """The kind of the artifacts that hold it."""
        return self.record.kind

    def values(self, record: R, labels: Labels) -> "Iterator[Value]":
        """Yield what a record holds of the quantity, with further labels."""
        held = self.get(record)
        if isinstance(held, float | int | str):
            held = [Measured(held)]
        for one in held or ():
            assert isinstance(one, Measured)
            yield Value(
                one.value,
                {**labels, **one.labels},
                one.note,
                one.error,
                one.low,
                one.high,
                one.n,
                one.warnings,
                quantity=self,
            )


@dataclass(frozen=True)
class Value(Measured):
    """A number of an artifact, with the quantity that it is of."""

    quantity: Quantity[Any] = field(kw_only=True, repr=False)

    @property
    def name(self) -> str:
        """The name of the quantity."""
        return self.quantity.name

    @property
    def title(self) -> str:
        """The title of the quantity, with the labels in it."""
        return fill(self.quantity.title, self.labels)

    @property
    def unit(self) -> str:
        """The unit of the quantity."""
        return self.quantity.unit


def fill(template: str, labels: Labels, omit: Iterable[str] = ()) -> str:
    """Return a title with labels in it, except some.

    >>> fill("alpha {source} {layer}", {"source": "images", "layer": "hidden"}, ["layer"])
    'alpha images'
    """
    parts = []
    for text, name, _, _ in string.Formatter().parse(template):
        parts += [text, "" if name is None or name in omit else _said(name, labels[name])]
    return " ".join("".join(parts).split())


def _said(name: str, value: str | int | float) -> str:
    return format_radius(float(value)) if name == "eps" else str(value)
