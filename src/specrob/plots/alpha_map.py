"""The exponent for every range of ranks, as a map over first and last rank.

Letters: ``P`` ranks a side.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import SubFigure

from specrob.errors import ArtifactError
from specrob.measures.power_law import FEWEST_POINTS
from specrob.plots import style
from specrob.results import AlphaMap, Fit

MOST = 6  # maps in a figure
COLUMNS = 3
COLOURS = "viridis"
CIRCLE: style.Look = {
    **{"color": "white", "marker": "o", "markersize": 5, "markeredgecolor": style.INK},
    **{"clip_on": False},
}


def draw_maps(
    canvas: SubFigure, fits: Sequence[tuple[Fit, AlphaMap]], names: Sequence[str]
) -> None:
    """Draw the maps of some fits on one colour scale; a circle is the range that was fitted."""
    maps = [_alpha(table, name) for (_, table), name in zip(fits, names, strict=True)]
    scale = colour_scale(maps)
    columns = min(len(fits), COLUMNS)
    rows = -(-len(fits) // columns)
    grid = canvas.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat[len(fits) :]:
        axes.set_visible(False)
    for axes, (fit, table), name, alpha in zip(grid.flat, fits, names, maps, strict=False):
        ranks = np.array(table.ranks, float)
        if len(ranks) < 2 or not np.isfinite(alpha).any():
            style.add_message(axes, "too few ranks")
            continue
        axes.pcolormesh(ranks, ranks, np.ma.masked_invalid(alpha.T), cmap=COLOURS, norm=scale)
        axes.plot(fit.range[:1], fit.range[1:], **CIRCLE)
        style.set_plain_text(axes.set_title(" ", fontsize=style.points(6.5)), name)
    top = max([2 * FEWEST_POINTS, *(n for _, table in fits for n in table.ranks)])
    grid[0, 0].set(xscale="log", yscale="log", xlim=(1, top), ylim=(FEWEST_POINTS, top))
    for axes in grid.flat:
        style.tick_decades(axes.xaxis)
        style.tick_decades(axes.yaxis)
    for axes in grid[:, 0]:
        axes.set_ylabel("last rank")
    for axes in grid[-1]:
        axes.set_xlabel("first rank")
    shown = ScalarMappable(norm=scale, cmap=COLOURS)
    bar = canvas.colorbar(shown, ax=grid, label="exponent $α$", extend="both")
    bar.outline.set_linewidth(0.5)


def colour_scale(maps: Sequence[style.Array]) -> Normalize:
    """Return a scale from the 5th to the 95th percentile of all maps.

    >>> scale = colour_scale([np.array([[1.0, np.nan], [2.0, 1.5]])])
    >>> 1.0 <= scale.vmin < scale.vmax <= 2.0
    True
    """
    finite = np.concatenate([m[np.isfinite(m)].ravel() for m in maps])
    low, high = np.percentile(finite, [5, 95]) if len(finite) else (0.0, 1.0)
    room = 0.05 if not high - low > 1e-3 else 0.0
    return Normalize(low - room, high + room)


def _alpha(table: AlphaMap, name: str) -> style.Array:
    """Return alpha, (P, P); NaN where there is none."""
    side = len(table.ranks)
    square = [len(row) for row in table.alpha] == [side] * side
    if not square or (np.diff([0, *table.ranks]) <= 0).any():
        raise ArtifactError(
            f"expected a map over rising ranks in {name}, found {len(table.alpha)} rows for "
            f"{side} ranks; make it again"
        )
    return np.array(table.alpha, dtype=float).reshape(side, side)
