"""The axis of radii of attacks and of other numbers: linear, or logarithmic with 0 to the left."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter, NullLocator

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.radii import are_levels, format_radius
from specrob.settings.plots import XScale

LOG_RANGE = 1e-150, 1e150  # of a logarithmic axis; float64 holds their ratio
GAP = 0.15  # from 0 to the smallest positive radius, over the whole axis
BETWEEN = 0.06  # inches, between the names of two ticks
BESIDE = 0.6  # inches, of the panel beside its axes
MOST_POWERS = 6  # powers of ten that have a tick
MOST_DECADES = 10  # up to which there are ticks within decades
Write = Callable[[float], str]


def spans_decades(grids: Sequence[style.Array]) -> bool:
    """Return whether radii ask for a logarithmic axis: some are positive and not evenly spaced.

    >>> spans_decades([np.array([0.0, 1.0, 2.0, 3.0])]), spans_decades([np.array([0, 0.01, 0.1])])
    (False, True)
    """
    unique = [np.unique(grid[np.isfinite(grid)]) for grid in grids]
    if len({radius for grid in unique for radius in grid[grid > 0]}) < 2:
        return False
    return not all(
        len(grid) < 3 or np.allclose(np.diff(grid), np.diff(grid).mean(), rtol=0.05, atol=0)
        for grid in unique
    ) or all(len(grid) < 3 for grid in unique)


def set_radius_axis(axes: Axes, grids: Sequence[style.Array], scale: XScale) -> None:
    """Set the horizontal axis for the radii of some curves.

    Radii that are whole levels of 8-bit pixels are written as n/255.

    >>> axes = style.new_figure(style.SINGLE, 2.0).subplots()
    >>> set_radius_axis(axes, [np.array([0, 2, 4, 8]) / 255], "auto")
    >>> [label.get_text() for label in axes.get_xticklabels()]
    ['0', '2/255', '4/255', '8/255']
    """
    radii = np.unique(np.concatenate([grid[np.isfinite(grid)] for grid in grids]))
    positive = radii[radii > 0]
    logarithmic = spans_decades(grids) if scale == "auto" else scale == "log"
    if logarithmic and len(positive):
        _set_log(axes, radii)
    else:
        axes.set_xscale("linear")
        axes.margins(x=0.03)
        axes.autoscale(axis="x")
    if are_levels(radii) and len(positive):
        axes.xaxis.set_minor_locator(NullLocator())
        _set_ticks(axes, _apart(axes, radii), format_radius)


def set_log_axis(axes: Axes, values: style.Array) -> None:
    """Set a logarithmic horizontal axis for some values; 0 stands to the left.

    Raises
    ------
    ArtifactError
        If a value is negative, or none is positive.

    Examples
    --------
    >>> axes = style.new_figure(style.SINGLE, 2.0).subplots()
    >>> set_log_axis(axes, np.array([0.0, 0.01, 1.0]))
    >>> axes.get_xscale()
    'symlog'
    """
    finite = np.unique(values[np.isfinite(values)])
    if not len(finite) or finite[0] < 0 or finite[-1] <= 0:
        found = f"{finite[0]:g}" if len(finite) else "none"
        raise ArtifactError(
            f"expected positive numbers for a logarithmic axis, found {found}; set `xscale` to "
            "linear"
        )
    drawn = np.where(finite > 0, finite.clip(*LOG_RANGE), finite)
    _set_log(axes, np.unique(drawn))


def _set_log(axes: Axes, radii: style.Array) -> None:
    """Set a logarithmic axis; where there is eps 0, it is linear from there to the next radius."""
    positive = radii[radii > 0]
    low, high = float(positive[0]), float(positive[-1])
    room = max((high / low) ** 0.03, 1.02)
    if radii[0] > 0:
        axes.set_xscale("log")
        axes.set_xlim(low / room, high * room)
        style.tick_decades(axes.xaxis)
        return
    decades = max(np.log10(high) - np.log10(low), 0.3)
    width = GAP / (1 - GAP) * decades  # decades that the linear part takes
    axes.set_xscale("symlog", linthresh=low, linscale=0.9 * width)  # in units of 10 / 9 decades
    axes.set_xlim(-0.2 * low, high * room)
    powers = 10.0 ** np.arange(np.ceil(np.log10(low) - 1e-9), np.floor(np.log10(high) + 1e-9) + 1)
    every = 10.0 ** np.arange(np.floor(np.log10(low)), np.log10(high))
    fine = np.outer(every, np.arange(1, 10)).ravel() if decades < MOST_DECADES else powers
    axes.xaxis.set_minor_locator(FixedLocator(fine[(low <= fine) & (fine <= high)].tolist()))
    axes.xaxis.set_minor_formatter(NullFormatter())
    if len(powers) > 2:
        few = powers[:: -(-len(powers) // MOST_POWERS)]
        _set_ticks(axes, [0.0, *few], lambda x: f"$10^{{{np.log10(x):.0f}}}$" if x else "0")
    else:
        _set_ticks(axes, _apart(axes, radii), format_radius)


def _apart(axes: Axes, radii: style.Array) -> list[float]:
    """Return radii whose names have room side by side, the smallest and the largest first."""
    assert axes.figure is not None
    inches = axes.figure.bbox.width / axes.figure.dpi - style.points(BESIDE)
    at = axes.transScale.transform([(radius, 0.0) for radius in radii])
    places = axes.transLimits.transform(at)[:, 0] * inches
    halves = [style.width_of(format_radius(radius)) / 2 for radius in radii]
    chosen = [0]
    for n in range(len(radii) - 1, 0, -1):
        if all(abs(places[n] - places[m]) > halves[n] + halves[m] + BETWEEN for m in chosen):
            chosen.append(n)
    return [float(radii[n]) for n in sorted(chosen)]


def _set_ticks(axes: Axes, ticks: Sequence[float], write: Write) -> None:
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FixedFormatter([write(tick) for tick in ticks]))
