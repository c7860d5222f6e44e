"""Distributions of critical distances, as in Fig. 1 (right) of arXiv:2405.00679.

Letters: ``B`` images.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.looks import edge
from specrob.plots.networks import entries_of_attacks
from specrob.plots.samples import Sample, sample_of
from specrob.plots.seeds import check_same
from specrob.quantities.attack_names import SETTINGS, AttackName, attack_name
from specrob.results import Distances
from specrob.settings.plots import XScale

IN_NORM, IN_L2 = "distance", "distance_l2"
CURVES = 2.2  # inches
CAP: style.Look = {"markersize": 4.5, "markeredgewidth": 0.9}
QUARTILES: style.Look = {"linewidth": 1.6}
FEW = 4  # networks, beyond which intervals of medians stand in the rows below
HALF = 0.42  # of a row: the half-width of the widest violin
Limits = tuple[float, float]


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE, CURVES + _violin_height(series)


def _violin_height(series: Sequence[Series]) -> float:
    return 0.25 + 0.16 * len(series)


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the share of images fooled against the distance, and below its density.

    Distances are in the norm of the attack, or in L2 where attacks of several norms meet. The
    images of several seeds are pooled; the band is the range of the seeds' own curves.
    """
    attacks = [_attack(one) for one in series]
    in_l2 = part == IN_L2 or (part is None and len({attack.norm for attack in attacks}) > 1)
    samples = [sample_of(one.results(Distances), in_l2=in_l2) for one in series]
    heights = [1.75, _violin_height(series)]
    above, below = canvas.subplots(2, 1, sharex=True, height_ratios=heights)
    label = _distance_label(attacks, in_l2)
    rescale = partial(_draw_samples, above, below, [one.look for one in series], samples, label)
    rescale("auto")
    entries, named = entries_of_attacks(series, attacks)
    meanings = [*named, *_meanings(samples)]
    return Panel([above], entries, meanings, rescale=rescale)


def _draw_samples(
    above: Axes,
    below: Axes,
    looks: Sequence[style.Look],
    samples: Sequence[Sample],
    label: str,
    scale: XScale,
) -> None:
    for axes in (above, below):
        axes.clear()
    limits = _set_limits(above, samples, scale)
    for row, (look, sample) in enumerate(zip(looks, samples, strict=True)):
        _curve(above, look, sample, limits)
        _violin(below, row, look, sample, limits)
        few = len(samples) <= FEW
        _median_ends(above if few else below, 0.5 if few else row, look, sample, limits)
    if not any(sample.attacked for sample in samples):
        style.add_message(above, "no image was attacked:\nnone was classified correctly")
    above.axhline(0.5, color=style.FAINT, linewidth=0.6, zorder=0)
    above.set_ylim(0, 1.02)
    above.set_ylabel("share of images fooled")
    below.set_ylim(len(samples) - 0.4, -0.6)
    below.yaxis.set_major_locator(NullLocator())
    below.spines["left"].set_visible(False)
    below.set_xlabel(label)


def _attack(one: Series) -> AttackName:
    attacks = [attack_name(result) for result in one.results(Distances)]
    check_same(attacks, "attack", one.label)
    return attacks[0]


def _meanings(samples: Sequence[Sample]) -> list[Entry]:
    """Return what bars and bands are: of medians the range of seeds, else an interval."""
    single = [sample for sample in samples if not sample.seeds]
    several = [sample for sample in samples if sample.seeds]
    muted = {"color": style.MUTED}
    entries = [Entry("quartiles", muted | QUARTILES)] if samples else []
    if single:
        entries.append(Entry("95% interval of the median", muted | _ends_look(single[0])))
    if several:
        entries.append(Entry("range of seeds' medians", muted | _ends_look(several[0])))
        entries.append(Entry("range of seeds' curves", style.BAND))
    return entries


def _distance_label(attacks: Sequence[AttackName], in_l2: bool) -> str:
    """Return the name of the axis, with attack and norm as far as all series have them."""
    norm = attacks[0].norm
    if len(set(attacks)) > 1:
        return f"critical distance ({'L2' if in_l2 else norm}, attacked space)"
    where = " in L2" if in_l2 and norm != "L2" else ""
    return f"critical distance{where} ({attacks[0]}, attacked space)"


def _set_limits(axes: Axes, samples: Sequence[Sample], scale: XScale) -> Limits:
    """Set an axis around all positive distances, a linear one from 0, and return its ends."""
    positive = np.concatenate([sample.fooled[sample.fooled > 0] for sample in samples])
    low, high = (positive.min(), positive.max()) if len(positive) else (0.1, 1.0)
    if scale == "linear":
        axes.set_xlim(0, 1.05 * high)
        return 0.0, 1.05 * high
    room = max((high / low) ** 0.05, 1.2)
    axes.set_xscale("log")
    axes.set_xlim(low / room, high * room)
    style.tick_decades(axes.xaxis)
    return low / room, high * room


def _curve(axes: Axes, look: style.Look, sample: Sample, limits: Limits) -> None:
    """Draw the steps up to the share fooled, and mark the median with its interval.

    Where images were not fooled, nothing is known beyond the largest radius tried.
    """
    share = sample.share()
    last = sample.fooled[-1:] if len(sample.fooled) else np.array([limits[0]])
    end = last[0] if np.isnan(sample.budget) else max(last[0], min(sample.budget, limits[1]))
    x = np.concatenate([[limits[0]], np.maximum(sample.fooled, limits[0]), [end]])
    y = np.concatenate([[0.0], share, share[-1:] if len(share) else [0.0]])
    if sample.seeds:
        curves = [one.share_at(x) for one in sample.seeds]
        band = np.min(curves, axis=0), np.max(curves, axis=0)
        axes.fill_between(x, *band, step="post", color=look["color"], alpha=0.2, linewidth=0)
    if np.isfinite(sample.median):
        middle = [max(sample.median, limits[0])]
        axes.plot(middle, [0.5], **look, **edge(look), markersize=4.5, zorder=4)
    axes.step(x, y, where="post", **look, markevery=[])


def _median_ends(axes: Axes, y: float, look: style.Look, sample: Sample, limits: Limits) -> None:
    """Draw the interval of the median, or of seeds the range of their medians."""
    if np.isfinite(sample.median):
        ends = np.clip([sample.low, sample.high], *limits)
        axes.plot(ends, [y, y], color=look["color"], zorder=3, **_ends_look(sample))


def _ends_look(sample: Sample) -> style.Look:
    return {"linewidth": 2.5} if sample.seeds else {"linewidth": 0.9, "marker": "|"} | CAP


def _violin(axes: Axes, row: int, look: style.Look, sample: Sample, limits: Limits) -> None:
    """Draw the density on the scale of the axis, quartiles as a bar, the median as a marker."""
    axes.plot([-0.025], [row], **look, transform=axes.get_yaxis_transform(), clip_on=False)
    is_log = axes.get_xscale() == "log"
    positive = sample.fooled[sample.fooled > 0]
    low, high = np.log10(limits) if is_log else limits
    at = np.linspace(low, high, 200)
    density = _density(np.log10(positive) if is_log else positive, at)
    if density is not None:
        colour = style.shade(look["color"], 0.35)
        sides = row - HALF * density, row + HALF * density
        axes.fill_between(10**at if is_log else at, *sides, color=colour, linewidth=0)
    if not sample.attacked:
        return
    quartiles = np.clip([sample.quantile(0.25), sample.quantile(0.75)], *limits)
    axes.plot(quartiles, [row, row], color=look["color"], **QUARTILES)
    if np.isfinite(sample.median):
        axes.plot(
            np.clip([sample.median], *limits), [row], **look, **edge(look), markersize=5, zorder=4
        )


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
    seeds="pooled over {n} seeds",
    agree=SETTINGS,
)
