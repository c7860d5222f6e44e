"""Artifacts as the series of a panel: members merged, exponents beside their spectra."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from specrob.artifacts import Artifact, expect
from specrob.errors import ArtifactError
from specrob.plots import FIGURES, style
from specrob.plots.seeds import merge

FITTED = {"spectrum", "power-law"}


@dataclass(frozen=True)
class Series:
    """One thing that is overlaid.

    Parameters
    ----------
    artifact : Artifact
        The mean of its members, where there are several.
    label : str
        What the legend calls it.
    place : int
        Among the networks of a figure: the same place looks the same in every panel.
    fits : sequence of mapping
        Of a spectrum, the fit of each row.
    """

    artifact: Artifact
    label: str
    place: int
    fits: Sequence[Mapping[str, Any]] = ()

    @property
    def look(self) -> dict[str, Any]:
        """Colour, marker and dash."""
        return style.series(self.place)


def gather(
    groups: Sequence[Artifact | Sequence[Artifact]],
    labels: Sequence[str],
    places: Sequence[int] | None = None,
    *,
    mixed: bool = False,
    of_all: bool = False,
) -> tuple[str, list[Series]]:
    """Return the kind of some artifacts, and each as a series.

    Parameters
    ----------
    groups : sequence of Artifact or of sequences of Artifact
        Of one kind, or spectra and the power laws that were made from them; several in one place
        are members.
    labels : sequence of str
    places : sequence of int
        By default their order.
    mixed : bool
        Whether attacks on different images may share a panel.
    of_all : bool
        As for `same_images`.

    Raises
    ------
    ArtifactError
        If there is none, if they are of several kinds or of one that has no figure, if they
        are of different images, or if one of them is broken.

    Examples
    --------
    >>> flat = {"source": "images", "size": 2, "layer": "x", "range": [1, 2]}
    >>> fits = [{**flat, "alpha": None, "reason": "no variance"}]
    >>> kind, (series,) = gather([Artifact("power-law", fields={"fits": fits})], ["kh"])
    >>> kind, series.label, series.place
    ('power-law', 'kh', 0)
    """
    listed = [list(g) if isinstance(g, list | tuple) else [g] for g in groups]
    every = [artifact for members in listed for artifact in members]
    kind = _one_kind(every)
    if not mixed:
        same_images(every, of_all=of_all)
    known = places if places is not None else range(len(listed))
    three = zip(listed, labels, known, strict=True)
    found = [_one(members, label, place) for members, label, place in three]
    if kind == "spectrum":
        found = _beside(found)
    if places is None:
        found = [replace(one, place=place) for place, one in enumerate(found)]
    return kind, found


def _one(members: Sequence[Artifact], label: str, place: int) -> Series:
    whole = merge([expect(member, member.kind, label) for member in members], label)
    count = whole.fields.get("members")
    return Series(whole, f"{label}, mean ± s.d. of {count}" if count else label, place)


def _one_kind(artifacts: Sequence[Artifact]) -> str:
    kinds = {artifact.kind for artifact in artifacts}
    if kinds == FITTED:
        return "spectrum"
    if len(kinds) != 1:
        raise ArtifactError(
            f"expected artifacts of one kind, found {' and '.join(sorted(kinds)) or 'none'}; "
            "plot each kind by itself, or in panels of its own with --layout"
        )
    (kind,) = kinds
    if kind not in FIGURES:
        raise ArtifactError(
            f"expected {', '.join(FIGURES)}, found {kind}, which has no figure; "
            "run a command that measures it and plot the result"
        )
    return kind


def same_images(artifacts: Sequence[Artifact], *, of_all: bool = False) -> None:
    """Raise ArtifactError where attacks on different images would be compared.

    They are the same where the same images were shown to all networks, or where the same were
    attacked, which are those that a network classified correctly.

    Parameters
    ----------
    artifacts : sequence of Artifact
    of_all : bool
        Whether what is compared is a share of all images that were shown.

    Examples
    --------
    >>> facts = [{"selection": shown, "attacked": "c"} for shown in "ab"]
    >>> same_images([Artifact("distances", fields=own) for own in facts])
    """
    results = [artifact.fields for artifact in artifacts if artifact.fields.get("selection")]
    shown = {fields["selection"] for fields in results}
    attacked = {fields.get("attacked") for fields in results}
    if len(shown) > 1 and (of_all or len(attacked) > 1 or attacked == {None}):
        raise ArtifactError(
            "expected attacks on the same images, found different ones; give each the others' "
            "results by --only, or add --mixed to draw them all the same"
        )


def _beside(series: Sequence[Series]) -> list[Series]:
    """Return the spectra, each with the fits that were made from it."""
    laws = [one.artifact for one in series if one.artifact.kind == "power-law"]
    pairs = {(s.digest, law.digest): law for law in laws for s in law.provenance.inputs}
    made_from = {spectrum: law.fields["fits"] for (spectrum, _), law in pairs.items()}
    if len(made_from) < len(pairs):
        raise ArtifactError(
            "expected one file of exponents for each spectrum, found several of one; leave one out"
        )
    spectra = [one for one in series if one.artifact.kind == "spectrum"]
    there = {one.artifact.digest for one in spectra}
    if any(there.isdisjoint(s.digest for s in law.provenance.inputs) for law in laws):
        raise ArtifactError(
            "expected exponents of the spectra beside them, found those of others; "
            "make them again with `specrob fit-alpha`"
        )
    return [replace(one, fits=made_from.get(one.artifact.digest, ())) for one in spectra]
