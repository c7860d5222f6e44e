"""Numbers as figures: one module per kind of artifact, loaded when it is drawn.

Figures are `matplotlib.figure.Figure` objects: nothing is shown, nothing global is set.
"""

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from specrob.errors import UsageError
from specrob.settings.plots import FigureSettings, PanelSettings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from specrob.artifacts import Artifact
    from specrob.plots.series import Groups

__all__ = ["SUFFIXES", "draw", "labels_of", "render"]

# format -> metadata without dates, so that the same numbers give the same bytes
FORMATS: dict[str, dict[str, str | None]] = {
    "png": {"Software": "specrob"},
    "pdf": {"Creator": "specrob", "CreationDate": None},
    "svg": {"Creator": "specrob", "Date": None},
}
SUFFIXES = [f".{form}" for form in FORMATS]


def labels_of(
    sources: Sequence[str], labels: Sequence[str], groups: "Sequence[Sequence[Artifact]]" = ()
) -> list[str]:
    """Return a label for every source: those given, or the names of the files.

    Of the artifacts of each source, attacks tell apart what has one name.

    >>> labels_of(["runs/kh.npz", "runs/bp-{seed}.pgd.npz"], ())
    ['kh', 'bp']
    """
    from specrob.plots.names import names_of
    from specrob.plots.networks import attack_of

    return list(labels) or names_of(sources, [attack_of(group[0]) for group in groups])


def draw(
    results: "Groups",
    labels: Sequence[str] = (),
    settings: PanelSettings | None = None,
    look: FigureSettings | None = None,
) -> "Figure":
    """Draw results of one kind into one figure; spectra also with the exponents fitted to them.

    Parameters
    ----------
    results : sequence of artifacts or records of `specrob.results`, or of sequences of them
        All of one kind, or spectra and the power laws that were made from them (where these are
        records, the n-th power law is that of the n-th spectrum); several in one place are seeds
        of one network, drawn as mean and spread.
    labels : sequence of str
        What the legend calls each of them; by default "result 1", "result 2", ...
    settings : PanelSettings, optional
        Which part of the results is drawn, or which two quantities are related.
    look : FigureSettings, optional
        Title, width and size of text.

    Raises
    ------
    ArtifactError
        If there is none, if they are of several kinds or of one that has no figure, if they
        are of different images, or if one of them is broken.

    Examples
    --------
    >>> from specrob.results import Fit, PowerLaw
    >>> fit = Fit(source="images", layer="x", size=2, range=(1, 2), alpha=None, reason="flat")
    >>> draw([PowerLaw(fits=(fit,))], ["kh"]).axes[0].get_xlabel()
    'exponent $α$'
    """
    from specrob.plots.compose import arrange
    from specrob.plots.panel_content import content_of

    names = labels or [f"result {n}" for n in range(1, len(results) + 1)]
    content = content_of(results, names, settings or PanelSettings())
    return arrange([[content]], look or FigureSettings())


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
        raise UsageError(f"`format`: expected {', '.join(FORMATS)}, found `{format}`")
    from specrob.plots.style import styled

    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format=format, metadata=FORMATS[format])
    return buffer.getvalue() if format != "svg" else _number_clips(buffer.getvalue())


def _number_clips(svg: bytes) -> bytes:
    """Return an SVG with its clips numbered: their names hash places to the last digit."""
    places = re.compile(rb'(?<=id=")p[0-9a-f]{10}(?=")|(?<=url\(#)p[0-9a-f]{10}(?=\))')
    names = {name: b"p%d" % n for n, name in enumerate(dict.fromkeys(places.findall(svg)))}
    return places.sub(lambda match: names[match[0]], svg)
