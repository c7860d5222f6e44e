"""Numbers as figures: one module per kind of artifact, loaded when it is drawn.

Figures are `matplotlib.figure.Figure` objects: nothing is shown, nothing global is set.
"""

import importlib
import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from specrob.errors import ArtifactError, UsageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from specrob.artifacts import Artifact

__all__ = ["FIGURES", "FORMATS", "draw", "format_of", "legend", "render"]

# kind -> module of this package, whose `figure(artifacts, labels)` draws it
FIGURES = {
    "model": "weights",
    "spectrum": "spectrum",
    "power-law": "power_law",
    "robustness": "robustness",
    "distances": "distances",
    "adversarial": "adversarial",
    "landscape": "landscape",
    "sensitivity": "sensitivity",
}

# format -> metadata without dates, so that the same numbers give the same bytes
FORMATS = {
    "png": {"Software": "specrob"},
    "pdf": {"Creator": "specrob", "CreationDate": None},
    "svg": {"Creator": "specrob", "Date": None},
}


def format_of(output: str) -> str:
    """Return png, pdf or svg, by the name of the output; png for stdout.

    Raises
    ------
    UsageError
        If the name ends otherwise, or stdout is a terminal.

    Examples
    --------
    >>> format_of("figures/spectrum.pdf")
    'pdf'
    """
    from specrob.artifacts.streams import STDIO, on_terminal

    if output == STDIO:
        if on_terminal():
            raise UsageError("expected -o FILE or a pipe for a figure, found a terminal")
        return "png"
    suffix = Path(output).suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise UsageError(f"--output: expected a name in .png, .pdf or .svg, found `{output}`")
    return suffix


def legend(sources: Sequence[str], labels: Sequence[str] | None) -> list[str]:
    """Return a label for every source: those given, or the names of the files.

    >>> legend(["runs/kh.npz", "runs/bp-{seed}.npz"], None)
    ['kh', 'bp']
    """
    if labels and len(labels) != len(sources):
        raise UsageError(
            f"--label: expected one for each of {len(sources)} artifacts, found {len(labels)}"
        )
    names = (Path(source.replace("{seed}", "")).stem for source in sources)
    return list(labels or (name.strip("-_. ") or name for name in names))


def draw(
    groups: "Sequence[Artifact | Sequence[Artifact]]",
    labels: Sequence[str],
    *,
    mixed: bool = False,
) -> "Figure":
    """Draw artifacts of one kind into one figure; spectra also with the exponents fitted to them.

    Parameters
    ----------
    groups : sequence of Artifact or of sequences of Artifact
        All of one kind, or spectra and the power laws that were made from them; several in one
        place are members, drawn as mean and spread.
    labels : sequence of str
        What the legend calls each of them.
    mixed : bool
        Whether attacks on different images may share a figure.

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
    listed = [list(g) if isinstance(g, list | tuple) else [g] for g in groups]
    fits = {}
    if {artifact.kind for members in listed for artifact in members} == {"spectrum", "power-law"}:
        if any(len(members) > 1 for members in listed):
            raise ArtifactError("expected one spectrum with its exponents, found members of seeds")
        spectra, labels, fits = _pair([members[0] for members in listed], labels)
        listed = [[spectrum] for spectrum in spectra]
    kinds = sorted({artifact.kind for members in listed for artifact in members})
    if len(kinds) != 1:
        raise ArtifactError(
            f"expected artifacts of one kind, found {' and '.join(kinds) or 'none'}; "
            "plot each kind by itself"
        )
    if kinds[0] not in FIGURES:
        raise ArtifactError(
            f"expected {', '.join(FIGURES)}, found {kinds[0]}, which has no figure; "
            "run a command that measures it and plot the result"
        )
    if not mixed:
        _check_selection([artifact for members in listed for artifact in members])
    import matplotlib

    from specrob.artifacts import expect
    from specrob.plots.members import merge
    from specrob.plots.style import RC, name_data

    named = [
        merge([expect(member, kinds[0], label) for member in members], label)
        for members, label in zip(listed, labels, strict=True)
    ]
    with matplotlib.rc_context(RC):
        module = importlib.import_module(f"specrob.plots.{FIGURES[kinds[0]]}")
        figure = module.figure(named, labels, **fits)
        name_data(figure, named, labels)
    return figure


def _check_selection(artifacts: "Sequence[Artifact]") -> None:
    """Raise ArtifactError where attacks on different images would be compared."""
    selections = {artifact.fields.get("selection") for artifact in artifacts} - {None}
    if len(selections) > 1:
        raise ArtifactError(
            "expected attacks on the same images, found different ones; give each the others' "
            "results by --only, or add --mixed to draw them all the same"
        )


def _pair(
    artifacts: "Sequence[Artifact]", labels: Sequence[str]
) -> "tuple[list[Artifact], list[str], dict[str, list]]":
    """Return the spectra, their labels, and for each the fits that were made from it."""
    from specrob.artifacts import expect

    named = list(zip(artifacts, labels, strict=True))
    laws = [expect(a, "power-law", label) for a, label in named if a.kind == "power-law"]
    spectra = [(a, label) for a, label in named if a.kind == "spectrum"]
    made_from = {s.digest: law.fields["fits"] for law in laws for s in law.provenance.inputs}
    fits = [made_from.get(artifact.digest, []) for artifact, _ in spectra]
    if sum(map(bool, fits)) < len(laws):
        raise ArtifactError(
            "expected exponents of the spectra beside them, found those of others; "
            "make them again with `specrob fit-alpha`"
        )
    return [a for a, _ in spectra], [label for _, label in spectra], {"fits": fits}


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
    import matplotlib

    from specrob.plots.style import RC

    buffer = io.BytesIO()
    with matplotlib.rc_context(RC), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # of a file's name
        figure.savefig(buffer, format=format, metadata=FORMATS[format])
    return buffer.getvalue()
