"""Answers to statements about networks: each effect with its intervals, and its margin."""

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.results import Answer, Comparison

ROW, LETTERS, LINES = 0.34, 40, 3  # inches of a row; letters and lines of its name
SCALES = {
    "difference": "difference",
    "ratio": "ratio",
    "correlation": "rank correlation",
}
INTERVAL_95: style.Look = {"linewidth": 0.9}
INTERVAL_90: style.Look = {"linewidth": 2.2}
MARGIN = style.BAND | {"color": style.shade(style.FAINT, 0.5)}
VERDICTS = {"yes": "o", "no": "X", "undecided": "D"}  # markers


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    scales = _by_scale(series)
    rows = sum(len(answers) for answers in scales.values())
    return style.SINGLE + 2.3, style.points(0.55 * len(scales) + ROW * rows + 0.25)


def _by_scale(series: Sequence[Series]) -> dict[tuple[str, str], list[Answer]]:
    """Return the answers that have an effect, those of one scale and unit together."""
    found: dict[tuple[str, str], list[Answer]] = {}
    for one in series:
        for answer in one.result(Comparison).answers:
            if answer.effect is not None:
                unit = answer.unit if answer.scale == "difference" else ""
                found.setdefault((answer.scale, unit or ""), []).append(answer)
    return found


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw a row for every answer: the 95% interval thin, the 90% one thick, the margin shaded.

    Of "not worse" only the lower side of the margin counts, and is shaded.
    """
    scales = _by_scale(series)
    if not scales:
        raise ArtifactError(
            "expected answers with an effect, found none; compare what has numbers"
        )
    ratios = [len(answers) + 1.2 for answers in scales.values()]
    panels = canvas.subplots(len(scales), 1, squeeze=False, height_ratios=ratios)[:, 0]
    for axes, ((scale, unit), answers) in zip(panels, scales.items(), strict=True):
        _draw_scale(axes, scale, unit, answers)
    every = [one for answers in scales.values() for one in answers]
    return Panel(list(panels[:1]), meanings=_meanings(every), outside=True)


def _meanings(answers: Sequence[Answer]) -> list[Entry]:
    """Return what bars and bands are, as far as there are any."""
    looks = {
        "95% interval": [INTERVAL_95 for one in answers if one.low is not None],
        "90% interval": [INTERVAL_90 for one in answers if one.low_90 is not None],
        "margin": [MARGIN for one in answers if one.margin is not None],
    }
    ink = {"color": style.PALETTE[0]}
    return [Entry(name, ink | found[0]) for name, found in looks.items() if found]


def _draw_scale(axes: Axes, scale: str, unit: str, answers: Sequence[Answer]) -> None:
    is_ratio = scale == "ratio"
    axes.axvline(1 if is_ratio else 0, color=style.MUTED, linewidth=0.7, zorder=1)
    for row, one in enumerate(answers):
        _draw_row(axes, row, one, 1 if is_ratio else 0)
    axes.set_yticks(range(len(answers)), [_name(one) for one in answers])
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
    axes.set_ylim(len(answers) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    if is_ratio:
        axes.set_xscale("log")
        axes.margins(x=0.1)
        style.tick_decades(axes.xaxis)
    axes.set_xlabel(SCALES[scale] + (f" ({unit})" if unit not in ("", "1") else ""))


def _draw_row(axes: Axes, row: int, one: Answer, zero: int) -> None:
    color = style.PALETTE[0] if one.verdict != "undecided" else style.MUTED
    if one.margin is not None:
        low, high = (1 / one.margin, one.margin) if zero else (-one.margin, one.margin)
        ends = (
            low,
            zero if one.kind == "not-worse" else high,
        )  # of that the lower side alone counts
        sides = [row - 0.4, row + 0.4]
        axes.fill_betweenx(sides, *ends, color=MARGIN["color"], linewidth=0, zorder=0)
    ends_95, ends_90 = (one.low, one.high), (one.low_90, one.high_90)
    for (left, right), bar in ((ends_95, INTERVAL_95), (ends_90, INTERVAL_90)):
        if left is not None and right is not None:
            axes.plot([left, right], [row, row], color=color, **bar, zorder=2)
    look: style.Look = {"color": color, "marker": VERDICTS[one.verdict], "markersize": 5}
    if one.verdict == "undecided":
        look["markerfacecolor"] = "white"
    axes.plot([one.effect or 0], [row], **look, zorder=3)
    place = axes.get_yaxis_transform()
    axes.text(1.02, row, one.verdict, transform=place, va="center", color=color)


def _name(one: Answer) -> str:
    joined = {"difference": " − ", "ratio": " / "}.get(one.scale)
    groups = joined.join(filter(None, (one.a, one.b))) if joined else ""
    kind = one.kind.replace("-", " ")
    text = one.text or f"{': '.join(filter(None, (groups, one.title)))} ({kind})"
    return "\n".join(textwrap.wrap(text, LETTERS, max_lines=LINES, placeholder=" …"))


FIGURE = FigureKind("Answers", draw, size)
