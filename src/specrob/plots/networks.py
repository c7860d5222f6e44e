"""Which series of a panel are of one network: they have its colour, and markers of their own.

What differs is the attack, or the layers that were measured.
"""

from collections.abc import Hashable, Sequence
from dataclasses import replace

from specrob.artifacts import Artifact, to_result
from specrob.plots.figure import Entry, Series
from specrob.plots.looks import of_layer
from specrob.plots.style import Look
from specrob.quantities.attack_names import AttackName, attack_name, name_attacks
from specrob.results import Distances, PowerLaw, Robustness, Smoothness, Spectrum

Contents = frozenset[Hashable]


def share_colours(kind: str, series: Sequence[Series], *, in_layout: bool) -> list[Series]:
    """Return the series with the places of their networks, and where one has several, variants.

    The network is the model on which something was measured; in a layout it is the label. Series
    without a known model, and spectra of one layer that nothing tells apart, are networks of
    their own.
    """
    known = [None] * len(series) if in_layout else [_models(one) for one in series]
    contents = [_contents(kind, one) for one in series]
    if _cannot_be_told_apart(kind, known, contents):
        known = [None] * len(series)
    keys = [key or n for n, key in enumerate(known)]
    numbers = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    places = [one.place if in_layout else numbers[k] for one, k in zip(series, keys, strict=True)]
    found = [replace(one, place=place) for one, place in zip(series, places, strict=True)]
    if len(set(places)) == len(places) or None in contents:
        return found
    variants = _variants(places, contents)
    return [replace(one, variant=n) for one, n in zip(found, variants, strict=True)]


def _models(one: Series) -> Hashable:
    """Return the digests of the models of all seeds; None where one is not known."""
    roots = [member.provenance.root() for member in one.members]
    digests = tuple(root.digest for root in roots if root)
    codes = tuple(member.provenance.lineage_code() for member in one.members)
    return (digests, codes) if len(digests) == len(roots) else None


def attack_of(artifact: Artifact) -> AttackName | None:
    """Return the attack of a curve or of distances; None of anything else.

    >>> attack_of(Artifact("arrays")) is None
    True
    """
    match artifact.kind:
        case "robustness":
            return attack_name(to_result(artifact, Robustness))
        case "distances":
            return attack_name(to_result(artifact, Distances))
    return None


def _contents(kind: str, one: Series) -> Contents | None:
    """Return what may tell a series from others of its network: the attack, or the layers."""
    match kind:
        case "robustness" | "distances":
            return frozenset([attack_of(one.artifact)])
        case "spectrum":
            return frozenset(map(str, one.result(Spectrum).layer))
        case "power-law":
            return frozenset(fit.layer for fit in one.result(PowerLaw).fits)
        case "smoothness":
            return frozenset(row.layer for row in one.result(Smoothness).jacobian)
    return None


def _cannot_be_told_apart(
    kind: str, known: Sequence[Hashable], contents: Sequence[Contents | None]
) -> bool:
    """Return whether one look would be given twice: markers and dashes of spectra are layers."""
    if None in contents:
        return True
    every = {layer for layers in contents for layer in layers or ()}
    pairs = [
        (model, layer)
        for model, layers in zip(known, contents, strict=True)
        for layer in layers or ()
        if model
    ]
    return kind == "spectrum" and len(every) > 1 and len(set(pairs)) < len(pairs)


def _variants(places: Sequence[int], contents: Sequence[Contents | None]) -> list[int]:
    """Return the number of the attack, or the order within a network where two have the same."""
    pairs = list(zip(places, contents, strict=True))
    if len(set(pairs)) == len(pairs):
        order = list(dict.fromkeys(contents))
        return [order.index(one) for one in contents]
    return [places[:n].count(place) for n, place in enumerate(places)]


def network_look(one: Series) -> Look:
    """Return the look of a network in legends that name its markers for all networks together."""
    look = one.look
    return look if one.variant is None else look | {"marker": "o", "linestyle": "-"}


def entries_of_attacks(
    series: Sequence[Series], attacks: Sequence[AttackName]
) -> tuple[list[Entry], list[Entry]]:
    """Return an entry for each series, or one for each network and one for each of its attacks.

    >>> same = AttackName("PGD", "L2", "")
    >>> entries, _ = entries_of_attacks([Series("kh", 0), Series("bp", 1)], [same, same])
    >>> [entry.text for entry in entries]
    ['kh', 'bp']
    """
    labels = [one.label for one in series]
    if len(set(labels)) == len(labels):
        names = name_attacks(labels, attacks)
        return [Entry(n, one.look) for n, one in zip(names, series, strict=True)], []
    networks = {one.label: Entry(one.label, network_look(one)) for one in series}
    looks = {
        str(attack): Entry(str(attack), of_layer(one.variant or 0))
        for one, attack in zip(series, attacks, strict=True)
    }
    return list(networks.values()), list(looks.values())
