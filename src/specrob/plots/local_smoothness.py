"""What is measured at an image beside its critical distance, image by image.

Letters: ``B`` images.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.radius_axis import set_log_axis
from specrob.quantities.local_smoothness import MEASURES
from specrob.results import LocalSmoothness
from specrob.settings.plots import XScale

LINEAR = "linear_distance"
HEIGHT = 2.2  # inches
POINT: style.Look = {"linestyle": "none", "markersize": 2.2, "markeredgewidth": 0, "alpha": 0.5}
Pair = tuple[style.Array, style.Array]


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE, HEIGHT


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the critical distance of every image over what was measured at it.

    By default that is the distance if logits were linear. Images that nothing fooled are left
    out, and on logarithmic axes those where it is 0; those of several seeds are pooled.
    """
    axes = canvas.subplots()
    name = part or LINEAR
    attack = _attack(series)
    pairs = [_pair(one, name) for one in series]
    is_comparable = name == LINEAR and "l2" in attack.split()

    def rescale(scale: XScale) -> None:
        _draw_images(axes, series, pairs, scale, diagonal=is_comparable)
        _, words, unit = MEASURES[name]
        axes.set_xlabel(f"{words} ({unit})")
        axes.set_ylabel(f"critical distance\n({attack})")

    rescale("auto")
    return Panel([axes], [Entry(one.label, one.look | POINT) for one in series], rescale=rescale)


def _attack(series: Sequence[Series]) -> str:
    """Return the attack that found the distances of all."""
    results = [result for one in series for result in one.results(LocalSmoothness)]
    if any(result.distance is None for result in results):
        raise ArtifactError(
            "expected distances beside the measures at images, found none; measure again with "
            "`distances`"
        )
    names = list(dict.fromkeys(str(result.distance_by) for result in results))
    if len(names) > 1:
        raise ArtifactError(
            f"expected distances of one attack, found {' and '.join(names)}; plot each alone"
        )
    return names[0]


def _pair(one: Series, name: str) -> Pair:
    """Return a measure and the distance of the images that were fooled, (B,) each."""
    columns = [(getattr(r, name), r.distance) for r in one.results(LocalSmoothness)]
    if any(values is None for values, _ in columns):
        raise ArtifactError(f"expected {name} of {one.label}, found none; choose another `part`")
    x, y = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    shown = np.isfinite(x) & np.isfinite(y)
    return x[shown], y[shown]


def _draw_images(
    axes: Axes, series: Sequence[Series], pairs: Sequence[Pair], scale: XScale, *, diagonal: bool
) -> None:
    axes.clear()
    positive = [(x[rows], y[rows]) for x, y in pairs for rows in [(x > 0) & (y > 0)]]
    is_log = scale != "linear" and any(len(x) for x, _ in positive)
    drawn = positive if is_log else pairs
    if is_log:
        set_log_axis(axes, np.concatenate([x for x, _ in drawn]))
        axes.set_yscale("log")
        style.tick_decades(axes.yaxis)
    for one, (x, y) in zip(series, drawn, strict=True):
        look = {"color": one.look["color"], "marker": one.look["marker"]} | POINT
        axes.plot(x, y, **look)
    if not any(len(x) for x, _ in pairs):
        style.add_message(axes, "no image was fooled")
    elif diagonal:
        ends = np.array(axes.get_xlim())
        axes.plot(ends, ends, color=style.MUTED, linewidth=0.6, zorder=0, scaley=False)


FIGURE = FigureKind(
    "What predicts distances",
    draw,
    size,
    parts=tuple(MEASURES),
    seeds="pooled over {n} seeds",
    agree=("normalize",),
)
