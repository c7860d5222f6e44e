"""Distributions of critical distances, as in Fig. 1 (right) of arXiv:2405.00679.

Letters: ``B`` images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.quantities.attack_names import SETTINGS, AttackName, attack_name, name_attacks
from specrob.results import Distances

IN_NORM, IN_L2 = "distance", "distance_l2"
CURVES = 2.2  # inches
HALF = 0.42  # of a row: the half-width of the widest violin
Limits = tuple[float, float]


@dataclass(frozen=True)
class Sample:
    """Distances of the images that were fooled, ascending, and how many were attacked."""

    fooled: style.Array
    attacked: int

    def share(self) -> style.Array:
        """Return the share of the attacked images fooled up to each distance.

        >>> Sample(np.array([1.0, 2.0]), 4).share()
        array([0.25, 0.5 ])
        """
        return np.arange(1, len(self.fooled) + 1) / max(self.attacked, 1)

    def quantile(self, share: float) -> float:
        """Return the distance up to which a share of the attacked images is fooled, or inf.

        >>> Sample(np.array([1.0, 2.0, 3.0]), 6).quantile(0.5)
        3.0
        >>> Sample(np.array([1.0]), 4).quantile(0.5)
        inf
        """
        rank = max(int(np.ceil(share * self.attacked - 1e-9)), 1)
        return float(self.fooled[rank - 1]) if rank <= len(self.fooled) else np.inf


def sample_of(distance: style.Array, status: style.Array) -> Sample:
    """Return the distances of a sample, (B,); misclassified images were never attacked.

    >>> status = np.array(["fooled", "censored", "misclassified"])
    >>> sample_of(np.array([3.0, np.inf, np.nan]), status)
    Sample(fooled=array([3.]), attacked=2)
    """
    values = np.asarray(distance, dtype=float)
    fooled = (status == "fooled") & np.isfinite(values)
    return Sample(np.sort(values[fooled]), int((status != "misclassified").sum()))


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE, CURVES + _violin_height(series)


def _violin_height(series: Sequence[Series]) -> float:
    return 0.25 + 0.16 * len(series)


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the share of images fooled against the distance, and below its density.

    Distances are in the norm of the attack, or in L2 where attacks of several norms meet.
    """
    results = [one.result(Distances) for one in series]
    attacks = [attack_name(result) for result in results]
    in_l2 = part == IN_L2 or (part is None and len({attack.norm for attack in attacks}) > 1)
    samples = [sample_of(r.distance_l2 if in_l2 else r.distance, r.status) for r in results]
    heights = [1.75, _violin_height(series)]
    above, below = canvas.subplots(2, 1, sharex=True, height_ratios=heights)
    limits = _set_limits(above, samples)
    for row, (one, sample) in enumerate(zip(series, samples, strict=True)):
        _curve(above, one.look, sample, limits)
        _violin(below, row, one.look, sample, limits)
    if not any(sample.attacked for sample in samples):
        style.add_message(above, "no image was attacked:\nnone was classified correctly")
    above.axhline(0.5, color=style.FAINT, linewidth=0.6, zorder=0)
    above.set_ylim(0, 1.02)
    above.set_ylabel("share of images fooled")
    below.set_ylim(len(samples) - 0.4, -0.6)
    below.yaxis.set_major_locator(NullLocator())
    below.spines["left"].set_visible(False)
    below.set_xlabel(_distance_label(attacks, in_l2))
    names = name_attacks([one.label for one in series], attacks)
    entries = [Entry(n, one.look) for n, one in zip(names, series, strict=True)]
    return Panel([above], entries, loc="upper left")


def _distance_label(attacks: Sequence[AttackName], in_l2: bool) -> str:
    """Return the name of the axis, with attack and norm as far as all series have them."""
    norm = attacks[0].norm
    if len(set(attacks)) > 1:
        return f"critical distance ({'L2' if in_l2 else norm}, attacked space)"
    where = " in L2" if in_l2 and norm != "L2" else ""
    return f"critical distance{where} ({attacks[0]}, attacked space)"


def _set_limits(axes: Axes, samples: Sequence[Sample]) -> Limits:
    """Set a logarithmic axis around all positive distances and return its ends."""
    positive = np.concatenate([sample.fooled[sample.fooled > 0] for sample in samples])
    low, high = (positive.min(), positive.max()) if len(positive) else (0.1, 1.0)
    room = max((high / low) ** 0.05, 1.2)
    axes.set_xscale("log")
    axes.set_xlim(low / room, high * room)
    style.tick_decades(axes.xaxis)
    return low / room, high * room


def _curve(axes: Axes, look: style.Look, sample: Sample, limits: Limits) -> None:
    """Draw the steps from 0 to the share fooled, and mark the median."""
    share = sample.share()
    x = np.concatenate([[limits[0]], np.maximum(sample.fooled, limits[0]), [limits[1]]])
    y = np.concatenate([[0.0], share, share[-1:] if len(share) else [0.0]])
    median = sample.quantile(0.5)
    if np.isfinite(median):
        axes.plot([max(median, limits[0])], [0.5], **look, markersize=4.5, zorder=4)
    axes.step(x, y, where="post", **look, markevery=[])


def _violin(axes: Axes, row: int, look: style.Look, sample: Sample, limits: Limits) -> None:
    """Draw the density over log distance, the quartiles as a bar and the median as a marker."""
    axes.plot([-0.025], [row], **look, transform=axes.get_yaxis_transform(), clip_on=False)
    at = np.linspace(np.log10(limits[0]), np.log10(limits[1]), 200)
    density = _density(np.log10(sample.fooled[sample.fooled > 0]), at)
    if density is not None:
        colour = style.shade(look["color"], 0.35)
        ends = row - HALF * density, row + HALF * density
        axes.fill_between(10**at, *ends, color=colour, linewidth=0)
    if not sample.attacked:
        return
    quartiles = [np.clip(sample.quantile(q), *limits) for q in (0.25, 0.5, 0.75)]
    axes.plot(quartiles[::2], [row, row], color=look["color"], linewidth=1.6)
    if np.isfinite(sample.quantile(0.5)):
        axes.plot(quartiles[1:2], [row], **look, markeredgecolor="white", markersize=5, zorder=4)


def _density(values: style.Array, at: style.Array) -> style.Array | None:
    """Return a Gaussian kernel density, its maximum 1, or None where there is no spread."""
    from scipy.stats import gaussian_kde  # half a second

    spread = values.std(ddof=1) if len(values) > 2 else 0.0
    if not spread > 1e-9:
        return None
    kernel = gaussian_kde(values)
    kernel.set_bandwidth(max(kernel.factor, (at[1] - at[0]) / spread))  # no peak between points
    density = kernel(at)
    return np.asarray(density / density.max())


FIGURE = FigureKind(
    "Critical distances",
    draw,
    size,
    parts=(IN_NORM, IN_L2),
    agree=SETTINGS,
)
