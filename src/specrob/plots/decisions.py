"""The classes on a plane: their colours, borders, and where their numbers stand.

Letters: ``P`` grid points a side.
"""

from collections.abc import Sequence

import numpy as np

from specrob.plots.style import Array

CLASSES = (
    *("#88ccee", "#cc6677", "#ddcc77", "#117733", "#5b4bb5", "#aa4499", "#44aa99"),
    *("#999933", "#882255", "#e08a2e"),
)
OTHER = "#a0a0a0"
DEEP = 0.06  # share of the plane that lies around the number of a class
APART = 0.13  # of two numbers, as a share of the plane
COARSE = 200  # points a side that suffice to find the middle of a region


def class_colours(maps: Sequence[Array]) -> dict[int, str]:
    """Return a colour for every class on the maps; beyond ten classes the rarest share grey.

    >>> class_colours([np.array([[3, 3], [0, 3]])]) == {0: CLASSES[0], 3: CLASSES[3]}
    True
    """
    classes, counts = np.unique(np.concatenate([m.ravel() for m in maps]), return_counts=True)
    if all(0 <= c < len(CLASSES) for c in classes):
        return {int(c): CLASSES[int(c)] for c in classes}
    common = [int(c) for c in classes[np.argsort(-counts, kind="stable")]]
    given = dict(zip(common, CLASSES, strict=False))
    return {int(c): given.get(int(c), OTHER) for c in classes}


def extent(axis: Array) -> tuple[float, float]:
    """Return the outer edges of the cells around evenly spaced points.

    >>> extent(np.array([0.0, 1.0, 2.0]))
    (-0.5, 2.5)
    """
    low, high = float(axis.min()), float(axis.max())
    if not high > low:  # one point, or not a number
        return (low - 0.5, low + 0.5) if np.isfinite(low) else (-0.5, 0.5)
    half = (high - low) / (len(axis) - 1) / 2
    return low - half, high + half


def borders(label: Array, u: Array, v: Array) -> Array:
    """Return the sides between cells of different classes, (segments, 2 ends, 2 coordinates).

    >>> borders(np.array([[0, 1]]), np.array([0.0, 1.0]), np.array([0.0])).tolist()
    [[[0.5, -0.5], [0.5, 0.5]]]
    """
    x, y = (np.linspace(*extent(axis), len(axis) + 1) for axis in (u, v))
    i, j = np.nonzero(label[:, 1:] != label[:, :-1])
    upright = np.stack([np.stack([x[j + 1], y[i]], 1), np.stack([x[j + 1], y[i + 1]], 1)], 1)
    i, j = np.nonzero(label[1:] != label[:-1])
    level = np.stack([np.stack([x[j], y[i + 1]], 1), np.stack([x[j + 1], y[i + 1]], 1)], 1)
    return np.concatenate([upright, level])


def middles(label: Array, classes: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return row and column at which the number of each class has room, the largest first.

    >>> middles(np.zeros((3, 3), dtype=int), [0])
    {0: (1, 1)}
    """
    regions = [(*middle(label == number), number) for number in classes]
    places: dict[int, tuple[int, int]] = {}
    for row, column, depth, number in sorted(regions, key=lambda one: -one[2]):
        taken = places.values()
        near = any(max(abs(row - i), abs(column - j)) < APART * len(label) for i, j in taken)
        if depth >= DEEP * len(label) and not near:
            places[number] = row, column
    return places


def middle(region: Array) -> tuple[int, int, int]:
    """Return the point of a region, (P, P), bool, farthest from its border, and how far it is.

    >>> middle(np.pad(np.ones((3, 3), dtype=bool), 2))
    (3, 3, 2)
    """
    from scipy.ndimage import distance_transform_cdt

    step = -(-max(region.shape) // COARSE)
    depths = distance_transform_cdt(np.pad(region[::step, ::step], 1), metric="taxicab")
    depths = depths[1:-1, 1:-1]
    depth = int(depths.max())
    rows, columns = np.nonzero(depths == depth)
    half = len(rows) // 2 if depth else 0
    return int(rows[half]) * step, int(columns[half]) * step, depth * step
