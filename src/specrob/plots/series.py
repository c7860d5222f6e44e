"""Artifacts as the series of a panel: several seeds as one, exponents beside their spectra."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from specrob.artifacts import Artifact, expect
from specrob.errors import ArtifactError, UsageError
from specrob.plots.figure import Drawable, Series
from specrob.plots.networks import share_colours
from specrob.registry import FIGURES
from specrob.results import Fit, PowerLaw, Result
from specrob.settings.plots import PanelSettings

Groups = Sequence[Drawable | Sequence[Drawable]]
FITTED = {"spectrum", "power-law"}


def gather(
    groups: Groups,
    labels: Sequence[str],
    places: Sequence[int] | None = None,
    settings: PanelSettings | None = None,
) -> tuple[str, list[Series]]:
    """Return the kind of some artifacts or records, and each as a series.

    They are of one kind, or spectra and the power laws that were made from them; several in one
    place are seeds of one network. Places are by default their order.

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
        if kind == "distances":
            _same_attacked(members)
    order = places if places is not None else range(len(members))
    in_layout = places is not None
    series = [
        _series(*one, in_layout=in_layout) for one in zip(members, labels, order, strict=True)
    ]
    if kind == "spectrum":
        series = _with_fits(series)
    return kind, share_colours(kind, series, in_layout=in_layout)


def relate_networks(
    groups: Groups, labels: Sequence[str], places: Mapping[str, int], settings: PanelSettings
) -> list[Series]:
    """Return the points of every network, for the two quantities of `settings.relate`."""
    from specrob.quantities.relate import relate

    members = [_members(group, label) for group, label in zip(groups, labels, strict=True)]
    if not settings.mixed:
        same_images([artifact for group in members for artifact in group])
    order = dict(places)  # what artifacts of a network have in common is a new label
    related = relate(
        settings.relate or (), members, labels, where=settings.conditions(), by=settings.by
    )
    if settings.label and len(settings.label) != len(related):
        networks = ", ".join(one.label for one in related)
        raise UsageError(
            f"`label`: expected one for each of {len(related)} networks ({networks}), found "
            f"{len(settings.label)}"
        )
    names = settings.label or [one.label for one in related]
    return [
        Series(name, order.setdefault(name, len(order)), relation=one)
        for one, name in zip(related, names, strict=True)
    ]


def _members(group: Drawable | Sequence[Drawable], label: str) -> list[Artifact]:
    """Return the artifacts of a group, checked; records become artifacts."""
    several = [group] if isinstance(group, Artifact | Result) else group
    artifacts = [x if isinstance(x, Artifact) else Artifact.of(x) for x in several]
    return [expect(artifact, None, label) for artifact in artifacts]


def _series(members: Sequence[Artifact], label: str, place: int, *, in_layout: bool) -> Series:
    if len(members) > 1:
        kind = members[0].kind
        if not FIGURES[kind].seeds:
            raise ArtifactError(
                f"expected one file of the kind {kind} as {label}, found {len(members)}, "
                "which cannot be drawn as one; plot each alone"
            )
        # panels of a layout share a legend, which says the same for every kind
        note = "{n} seeds" if in_layout else FIGURES[kind].seeds
        label = f"{label}, {note.format(n=len(members))}"
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

    They are the same where the same images were shown to all networks, or, unless a share `of_all`
    that were shown is compared, where the same were attacked: those classified correctly.

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


def _same_attacked(groups: Sequence[Sequence[Artifact]]) -> None:
    """Raise ArtifactError where distributions are over images that differ between networks.

    Seeds of one network may differ: what is drawn of them is pooled.
    """
    attacked = [{artifact.fields.get("attacked") for artifact in group} for group in groups]
    known = [one for one in attacked if None not in one]
    if any(one != known[0] for one in known):
        raise ArtifactError(
            "expected distances of the same images, found networks that classify different ones "
            "correctly; restrict each attack to the others' results by `only`, or set `mixed` to "
            "draw them all the same"
        )


def _with_fits(series: Sequence[Series]) -> list[Series]:
    """Return the spectra, each with the fits that were made from it."""
    laws = [one for one in series if one.artifact.kind == "power-law"]
    spectra = [one for one in series if one.artifact.kind == "spectrum"]
    digests = [[member.digest for member in one.members] for one in spectra]
    every = {digest for several in digests for digest in several}
    fits: dict[str, Sequence[Fit]] = {}
    for place, law in enumerate(laws):
        for seed, (member, record) in enumerate(
            zip(law.members, law.results(PowerLaw), strict=True)
        ):
            sources = {source.digest for source in member.provenance.inputs}
            if not sources:  # a record without a history: it is of the n-th spectrum
                sources = {d for own in digests[place : place + 1] for d in own[seed : seed + 1]}
            sources &= every  # the others may be files of the dimension
            if not sources:
                raise ArtifactError(
                    "expected exponents of the spectra beside them, found those of others; "
                    "make them again with `specrob fit-alpha`"
                )
            if any(fits.setdefault(digest, record.fits) != record.fits for digest in sources):
                raise ArtifactError(
                    "expected one file of exponents for each spectrum, found several of one; "
                    "leave one out"
                )
    return [
        replace(one, fits=[fits.get(digest, ()) for digest in own])
        for one, own in zip(spectra, digests, strict=True)
    ]
