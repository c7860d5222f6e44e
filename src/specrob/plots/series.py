"""Artifacts as the series of a panel: several seeds as one, exponents beside their spectra."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from specrob.artifacts import Artifact, Provenance, expect, to_result
from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.registry import FIGURES
from specrob.results import Fit, PowerLaw, Result
from specrob.settings.plots import PanelSettings

if TYPE_CHECKING:
    from specrob.quantities.relate import Relation

R = TypeVar("R", bound=Result)
Drawable = Artifact | Result
Groups = Sequence[Drawable | Sequence[Drawable]]
FITTED = {"spectrum", "power-law"}


@dataclass(frozen=True)
class Series:
    """One thing that is overlaid.

    Parameters
    ----------
    label : str
        What the legend calls it.
    place : int
        Among the networks of a figure: the same place looks the same in every panel.
    members : sequence of Artifact
        One, or several of different seeds that are drawn as mean and spread.
    fits : sequence of Fit
        Of a spectrum, the fit of each row.
    relation : Relation, optional
        The points of a network, in place of members.
    """

    label: str
    place: int
    members: Sequence[Artifact] = ()
    fits: Sequence[Fit] = ()
    relation: "Relation | None" = None

    @property
    def artifact(self) -> Artifact:
        """The artifact, or the first of its seeds."""
        return self.members[0]

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        return self.relation.provenance if self.relation else self.artifact.provenance

    @property
    def look(self) -> style.Look:
        """Colour, marker and dash."""
        return style.look_of(self.place)

    def result(self, record: type[R]) -> R:
        """Return the record of the artifact."""
        return to_result(self.artifact, record, self.label)

    def results(self, record: type[R]) -> list[R]:
        """Return the records of all seeds."""
        return [to_result(member, record, self.label) for member in self.members]


def gather(
    groups: Groups,
    labels: Sequence[str],
    places: Sequence[int] | None = None,
    settings: PanelSettings | None = None,
) -> tuple[str, list[Series]]:
    """Return the kind of some artifacts, and each as a series.

    Parameters
    ----------
    groups : sequence of artifacts or records, or of sequences of them
        Of one kind, or spectra and the power laws that were made from them; several in one place
        are seeds of one network.
    labels : sequence of str
    places : sequence of int
        By default their order.
    settings : PanelSettings, optional

    Raises
    ------
    ArtifactError
        If there is none, if they are of several kinds or of one that has no figure, if they
        are of different images, or if one of them is broken.

    Examples
    --------
    >>> from specrob.results import Robustness
    >>> facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 1, "n_images": 1}
    >>> curve = {"eps": (0.1,), "relative_accuracy": (1.0,), "robust_accuracy": (1.0,)}
    >>> kind, (series,) = gather([Robustness(n_attacked=1, **facts, **curve)], ["kh"])
    >>> kind, series.label, series.place
    ('robustness', 'kh', 0)
    """
    members = [_members(group, label) for group, label in zip(groups, labels, strict=True)]
    every = [artifact for group in members for artifact in group]
    kind = _one_kind(every)
    settings = settings or PanelSettings()
    if not settings.mixed:
        same_images(every, of_all=settings.part == "robust_accuracy")
    known = places if places is not None else range(len(members))
    series = [_series(*one) for one in zip(members, labels, known, strict=True)]
    if kind == "spectrum":
        series = _with_fits(series)
    if places is None:
        series = [replace(one, place=place) for place, one in enumerate(series)]
    return kind, series


def relate_networks(
    groups: Groups, labels: Sequence[str], places: Mapping[str, int], settings: PanelSettings
) -> list[Series]:
    """Return the points of every network, for the two quantities of `settings.relate`."""
    from specrob.quantities.relate import relate

    members = [_members(group, label) for group, label in zip(groups, labels, strict=True)]
    if not settings.mixed:
        same_images([artifact for group in members for artifact in group])
    known = dict(places)  # what artifacts of a network have in common is a new label
    return [
        Series(one.label, known.setdefault(one.label, len(known)), relation=one)
        for one in relate(settings.relate or (), members, labels)
    ]


def _members(group: Drawable | Sequence[Drawable], label: str) -> list[Artifact]:
    """Return the artifacts of a group, checked; records become artifacts."""
    several = [group] if isinstance(group, Artifact | Result) else group
    artifacts = [x if isinstance(x, Artifact) else Artifact.of(x.kind, x) for x in several]
    return [expect(artifact, None, label) for artifact in artifacts]


def _series(members: Sequence[Artifact], label: str, place: int) -> Series:
    if len(members) > 1:
        if not FIGURES[members[0].kind].averages:
            raise ArtifactError(
                f"expected one {members[0].kind} as {label}, found {len(members)}, whose mean "
                "has no figure; plot each alone"
            )
        label = f"{label}, mean ± s.d. of {len(members)}"
    return Series(label, place, members)


def _one_kind(artifacts: Sequence[Artifact]) -> str:
    kinds = {artifact.kind for artifact in artifacts}
    if kinds == FITTED:
        return "spectrum"
    if len(kinds) != 1:
        raise ArtifactError(
            f"expected artifacts of one kind, found {' and '.join(sorted(kinds)) or 'none'}; "
            "plot each kind by itself, or in panels of its own with `layout`"
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
    >>> same_images([Artifact("distances", fields=each) for each in facts])
    """
    results = [artifact.fields for artifact in artifacts if artifact.fields.get("selection")]
    shown = {fields["selection"] for fields in results}
    attacked = {fields.get("attacked") for fields in results}
    if len(shown) > 1 and (of_all or len(attacked) > 1 or attacked == {None}):
        raise ArtifactError(
            "expected attacks on the same images, found different ones; restrict each attack to "
            "the others' results by `only`, or set `mixed` to draw them all the same"
        )


def _with_fits(series: Sequence[Series]) -> list[Series]:
    """Return the spectra, each with the fits that were made from it."""
    laws = [one for one in series if one.artifact.kind == "power-law"]
    spectra = [one for one in series if one.artifact.kind == "spectrum"]
    digests = [one.artifact.digest for one in spectra]
    fits: dict[str, Sequence[Fit]] = {}
    for place, law in enumerate(laws):
        found = law.result(PowerLaw).fits
        sources = {source.digest for source in law.provenance.inputs}
        if not sources:  # a record without a history: it is of the n-th spectrum
            sources = set(digests[place : place + 1])
        if not sources & set(digests):
            raise ArtifactError(
                "expected exponents of the spectra beside them, found those of others; "
                "make them again with `specrob fit-alpha`"
            )
        if any(fits.setdefault(digest, found) != found for digest in sources):
            raise ArtifactError(
                "expected one file of exponents for each spectrum, found several of one; "
                "leave one out"
            )
    return [
        replace(one, fits=fits.get(digest, ()))
        for one, digest in zip(spectra, digests, strict=True)
    ]
