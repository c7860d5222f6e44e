"""Results as pandas data frames, a row for every number, image, rank or fit."""

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from specrob.results.record import Result, array_axes

if TYPE_CHECKING:
    import pandas as pd

Columns = dict[str, Any]
SCALARS = (str, int, float, bool)


def to_frame(result: Result) -> "pd.DataFrame":
    """Return the numbers of a result as a data frame.

    Arrays give a row for every position along the axes `Result.rows`, smaller arrays being
    repeated; eigenvalues come with their rank, and without the NaN that pads them. Other results
    give a row for every fit, radius or layer, or one row of all facts.

    Examples
    --------
    >>> from specrob.results import Robustness
    >>> curve = {"eps": (0.1,), "relative_accuracy": (1.0,), "robust_accuracy": (0.5,)}
    >>> facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 0.5, "n_images": 2}
    >>> sorted(_columns(Robustness(n_attacked=1, **facts, **curve)))
    ['eps', 'relative_accuracy', 'robust_accuracy']
    """
    import pandas as pd

    frame = pd.DataFrame(_columns(result))
    padded = "N" in result.rows.split()
    return frame.dropna(subset="eigenvalues", ignore_index=True) if padded else frame


def _columns(result: Result) -> Columns:
    if result.rows:
        return _array_columns(result)
    lists: Columns = {name: getattr(result, name) for name in result.parallel}
    first = next(iter(lists.values()), ())
    if any(map(is_dataclass, first)):
        rows = [_scalars(each) for each in first]
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: [row.get(name) for row in rows] for name in names}
    return lists or {name: [value] for name, value in _scalars(result).items()}


def _scalars(record: Any) -> Columns:
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {name: value for name, value in values.items() if isinstance(value, SCALARS)}


def _array_columns(result: Result) -> Columns:
    axes = result.rows.split()
    sizes: dict[str, int] = {}
    chosen = {}
    for name, known in array_axes(type(result)).items():
        values, names = getattr(result, name), known.names.split()
        if values is not None and set(names) <= set(axes):
            chosen[name] = np.asarray(values), names
            sizes.update(zip(names, np.shape(values), strict=True))
    shape = [sizes[axis] for axis in axes]
    columns = {}
    for name, (values, names) in chosen.items():
        wide = values.reshape([sizes[axis] if axis in names else 1 for axis in axes])
        columns[name] = np.broadcast_to(wide, shape).ravel()
    if "N" in axes:
        columns["rank"] = np.broadcast_to(np.arange(1, sizes["N"] + 1), shape).ravel()
    return columns
