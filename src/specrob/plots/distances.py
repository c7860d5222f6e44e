"""Distributions of critical distances, as in A's Fig. 1 (right).

Letters: ``B`` images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import NullLocator

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.legend import Drawn, Entry
from specrob.plots.reading import attack_name, name_attacks
from specrob.plots.series import Series

PARTS = ("distance", "distance_l2")
CURVES = 2.2  # inches
Look = dict[str, Any]
HALF = 0.42  # of a row: the half-width of the widest violin


@dataclass(frozen=True)
class Sample:
    """Distances of the images that were fooled, ascending, and how many were attacked."""

    fooled: np.ndarray
    attacked: int

    def share(self) -> np.ndarray:
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


def sample(artifact: Artifact, array: str = "distance") -> Sample:
    """Return the distances of an artifact; misclassified images were never attacked.

    >>> status = np.array(["fooled", "censored", "misclassified"])
    >>> arrays = {"distance": np.array([3.0, np.inf, np.nan]), "status": status}
    >>> found = sample(Artifact("distances", arrays))
    >>> found.fooled, found.attacked
    (array([3.]), 2)
    """
    distance = np.asarray(artifact.arrays[array], dtype=float)
    status = artifact.arrays["status"]
    fooled = (status == "fooled") & np.isfinite(distance)
    return Sample(np.sort(distance[fooled]), int((status != "misclassified").sum()))


def size(series: Sequence[Series], part: str | None) -> tuple[float, float]:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE, CURVES + _strip(series)


def _strip(series: Sequence[Series]) -> float:
    return 0.25 + 0.16 * len(series)


def draw(canvas: Figure | SubFigure, series: Sequence[Series], part: str | None = None) -> Drawn:
    """Draw the share fooled up to each distance, and below it where the distances lie.

    Where the norms of the attacks differ, the lengths in L2 are compared.
    """
    attacks = [attack_name(one.artifact.fields) for one in series]
    name = part or PARTS[len({norm for _, norm, _ in attacks}) > 1]
    samples = [sample(one.artifact, name) for one in series]
    above, below = canvas.subplots(2, 1, sharex=True, height_ratios=[1.75, _strip(series)])
    limits = _limit(above, samples)
    for row, (one, found) in enumerate(zip(series, samples, strict=True)):
        _curve(above, one.look, found, limits)
        _violin(below, row, one.look, found, limits)
    if not any(found.attacked for found in samples):
        style.say(above, "no image was attacked:\nnone was classified correctly")
    above.axhline(0.5, color=style.FAINT, linewidth=0.6, zorder=0)
    above.set_ylim(0, 1.02)
    above.set_ylabel("share of images fooled")
    below.set_ylim(len(samples) - 0.4, -0.6)
    below.yaxis.set_major_locator(NullLocator())
    below.spines["left"].set_visible(False)
    below.set_xlabel(_said(attacks, in_l2=name == PARTS[1]))
    names = name_attacks([one.label for one in series], attacks)
    entries = [Entry.of(n, **one.look) for n, one in zip(names, series, strict=True)]
    return Drawn([above], entries, loc="upper left")


def _said(attacks: Sequence[tuple[str, ...]], *, in_l2: bool) -> str:
    """Return the name of the axis, with attack and norm as far as all series have them."""
    _, norm, *_ = attacks[0]
    if len(set(attacks)) > 1:
        return f"critical distance ({'L2' if in_l2 else norm}, attacked space)"
    where = " in L2" if in_l2 and norm != "L2" else ""
    return f"critical distance{where} ({', '.join(filter(None, attacks[0]))}, attacked space)"


def _limit(axes: Axes, samples: Sequence[Sample]) -> tuple[float, float]:
    """Set a logarithmic axis around all positive distances and return its ends."""
    positive = np.concatenate([found.fooled[found.fooled > 0] for found in samples])
    low, high = (positive.min(), positive.max()) if len(positive) else (0.1, 1.0)
    room = max((high / low) ** 0.05, 1.2)
    axes.set_xscale("log")
    axes.set_xlim(low / room, high * room)
    style.tick_decades(axes.xaxis)
    return low / room, high * room


def _curve(axes: Axes, look: Look, found: Sample, limits: tuple[float, float]) -> None:
    """Draw the steps from 0 to the share fooled, and mark the median."""
    x = np.concatenate([[limits[0]], np.maximum(found.fooled, limits[0]), [limits[1]]])
    share = np.concatenate(
        [[0.0], found.share(), [found.share()[-1] if found.share().size else 0]]
    )
    median = found.quantile(0.5)
    if np.isfinite(median):
        axes.plot([max(median, limits[0])], [0.5], **look, markersize=4.5, zorder=4)
    axes.step(x, share, where="post", **look, markevery=[])


def _violin(axes: Axes, row: int, look: Look, found: Sample, limits: tuple[float, float]) -> None:
    """Draw the density over log distance, the quartiles as a bar and the median as a marker."""
    positive = found.fooled[found.fooled > 0]
    axes.plot([-0.025], [row], **look, transform=axes.get_yaxis_transform(), clip_on=False)
    density, at = _density(np.log10(positive), *np.log10(limits))
    if density is not None:
        axes.fill_between(
            10**at,
            row - HALF * density,
            row + HALF * density,
            color=style.shade(look["color"], 0.35),
            linewidth=0,
        )
    if not found.attacked:
        return
    quartiles = [np.clip(found.quantile(q), *limits) for q in (0.25, 0.5, 0.75)]
    axes.plot(quartiles[::2], [row, row], color=look["color"], linewidth=1.6)
    if np.isfinite(found.quantile(0.5)):
        axes.plot(quartiles[1:2], [row], **look, markeredgecolor="white", markersize=5, zorder=4)


def _density(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray | None, np.ndarray]:
    """Return a Gaussian kernel density, its maximum 1, or None where there is no spread."""
    at = np.linspace(low, high, 200)
    spread = values.std() if len(values) > 2 else 0.0
    if not spread > 1e-9:
        return None, at
    chosen = values[:: max(1, len(values) // 2000)]
    width = max(1.06 * spread * len(values) ** -0.2, (high - low) / 200)
    density = np.exp(-(((at[:, None] - chosen) / width) ** 2) / 2).sum(1)
    return density / density.max(), at
