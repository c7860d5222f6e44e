"""The exponent for every range of ranks, as a map over first and last rank.

Letters: ``P`` ranks a side.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import SubFigure

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.reading import column

MOST = 6  # maps in a figure
COLUMNS = 3
FEWEST = 10  # ranks in the shortest range
USED = {"color": "white", "marker": "o", "markersize": 5, "markeredgecolor": style.INK}


def draw_maps(canvas: SubFigure, fits: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Draw the maps of some fits on one colour scale; a circle is the range that was fitted."""
    maps = [_alpha(fit, name) for fit, name in zip(fits, names, strict=True)]
    scale = colour_scale(maps)
    columns = min(len(fits), COLUMNS)
    rows = -(-len(fits) // columns)
    grid = canvas.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat[len(fits) :]:
        axes.set_visible(False)
    for axes, fit, name, alpha in zip(grid.flat, fits, names, maps, strict=False):
        ranks = np.array(fit["map"]["ranks"], float)
        if len(ranks) < 2 or not np.isfinite(alpha).any():
            style.say(axes, "too few ranks")
            continue
        axes.pcolormesh(ranks, ranks, np.ma.masked_invalid(alpha.T), cmap="viridis", norm=scale)
        axes.plot(*[[n] for n in fit["range"]], clip_on=False, **USED)
        style.write(axes.set_title(" ", fontsize=6.5), name)
    top = max([2 * FEWEST, *(n for fit in fits for n in fit["map"]["ranks"])])
    grid[0, 0].set(xscale="log", yscale="log", xlim=(1, top), ylim=(FEWEST, top))
    for axes in grid.flat:
        style.tick_decades(axes.xaxis)
        style.tick_decades(axes.yaxis)
    for axes in grid[:, 0]:
        axes.set_ylabel("last rank")
    for axes in grid[-1]:
        axes.set_xlabel("first rank")
    how = {"cmap": "viridis", "norm": scale}
    bar = canvas.colorbar(ScalarMappable(**how), ax=grid, label="exponent $α$", extend="both")
    bar.outline.set_linewidth(0.5)


def colour_scale(maps: Sequence[np.ndarray]) -> Normalize:
    """Return a scale from the 5th to the 95th percentile of all maps.

    >>> scale = colour_scale([np.array([[1.0, np.nan], [2.0, 1.5]])])
    >>> 1.0 <= scale.vmin < scale.vmax <= 2.0
    True
    """
    known = np.concatenate([m[np.isfinite(m)].ravel() for m in maps])
    low, high = np.percentile(known, [5, 95]) if len(known) else (0.0, 1.0)
    room = 0.05 if not high - low > 1e-3 else 0.0
    return Normalize(low - room, high + room)


def _alpha(fit: Mapping[str, Any], name: str) -> np.ndarray:
    """Return alpha, (P, P); null as NaN."""
    table = fit["map"]
    rows = [column({"alpha": row}, "alpha", name) for row in table["alpha"]]
    ranks = column(table, "ranks", name)
    square = [len(row) for row in rows] == [len(ranks)] * len(ranks)
    if not square or (np.diff([0, *ranks]) <= 0).any():
        raise ArtifactError(
            f"expected a map over rising ranks in {name}, found {len(rows)} rows for "
            f"{len(ranks)} ranks; make it again"
        )
    return np.array(rows).reshape(len(ranks), len(ranks))
