"""Numbers as figures: one module per kind of artifact, loaded when it is drawn.

Figures are `matplotlib.figure.Figure` objects: nothing is shown, nothing global is set.
"""

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from specrob.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from specrob.artifacts import Artifact

__all__ = ["FIGURES", "SUFFIXES", "draw", "labels_of", "render"]

# kind -> module of this package: `draw(canvas, series, part)` draws it on a figure or a part of
# one, `size(series, part)` is what it needs where it stands alone, `PARTS` what may be chosen
FIGURES = {
    "model": "weights",
    "spectrum": "spectrum",
    "power-law": "power_law",
    "robustness": "robustness",
    "distances": "distances",
    "adversarial": "adversarial",
    "landscape": "landscape",
    "sensitivity": "sensitivity",
    "relation": "relation",
}

# format -> metadata without dates, so that the same numbers give the same bytes
FORMATS = {
    "png": {"Software": "specrob"},
    "pdf": {"Creator": "specrob", "CreationDate": None},
    "svg": {"Creator": "specrob", "Date": None},
}
SUFFIXES = [f".{form}" for form in FORMATS]


def labels_of(sources: Sequence[str], labels: Sequence[str] | None) -> list[str]:
    """Return a label for every source: those given, or the names of the files.

    >>> labels_of(["runs/kh.npz", "runs/bp-{seed}.npz"], None)
    ['kh', 'bp']
    """
    from specrob.plots.layout import stem

    if labels and len(labels) != len(sources):
        raise UsageError(
            f"--label: expected one for each of {len(sources)} artifacts, found {len(labels)}"
        )
    return list(labels or map(stem, sources))


def draw(
    groups: "Sequence[Artifact | Sequence[Artifact]]", labels: Sequence[str], **how: Any
) -> "Figure":
    """Draw artifacts of one kind into one figure; spectra also with the exponents fitted to them.

    Parameters
    ----------
    groups : sequence of Artifact or of sequences of Artifact
        All of one kind, or spectra and the power laws that were made from them; several in one
        place are members, drawn as mean and spread.
    labels : sequence of str
        What the legend calls each of them.
    **how
        As for `specrob.plots.compose.panel`: `part` of what they hold, whether `mixed` images
        may share the figure, how to `relate` them.

    Raises
    ------
    ArtifactError
        If there is none, if they are of several kinds or of one that has no figure, if they
        are of different images, or if one of them is broken.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> flat = {"source": "images", "size": 2, "layer": "x", "range": [1, 2]}
    >>> law = {"fits": [{**flat, "alpha": None, "reason": "no variance"}]}
    >>> draw([Artifact("power-law", fields=law)], ["kh"]).axes[0].get_xlabel()
    'exponent $α$'
    """
    from specrob.plots.compose import arrange, panel

    return arrange([[panel(groups, labels, **how)]])


def render(figure: "Figure", format: str) -> bytes:
    """Return a figure as a file; the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
    format : {"png", "pdf", "svg"}
        PNG has 300 dots per inch; PDF and SVG keep their text as text.

    Raises
    ------
    UsageError
        If the format is another.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> render(Figure(figsize=(1, 1)), "png")[1:4]
    b'PNG'
    """
    if format not in FORMATS:
        raise UsageError(f"expected {', '.join(FORMATS)}, found `{format}`; change -o")
    from specrob.plots.style import styled

    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format=format, metadata=FORMATS[format])
    return buffer.getvalue() if format != "svg" else _number(buffer.getvalue())


def _number(svg: bytes) -> bytes:
    """Return an SVG with its clips numbered: their names hash places to the last digit."""
    places = re.compile(rb'(?<=id=")p[0-9a-f]{10}(?=")|(?<=url\(#)p[0-9a-f]{10}(?=\))')
    names = {name: b"p%d" % n for n, name in enumerate(dict.fromkeys(places.findall(svg)))}
    return places.sub(lambda match: names[match[0]], svg)
