"""Claims that two quantities are correlated over networks."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from specrob.comparisons.alike import check_alike, notes_on, notes_on_own_images
from specrob.comparisons.differences import listed
from specrob.comparisons.estimates import finite
from specrob.comparisons.measured_networks import (
    MeasuredNetwork,
    Measurement,
    choose_networks,
)
from specrob.comparisons.select_numbers import measurements, number_of_each
from specrob.comparisons.undecided import undecided_answer
from specrob.errors import ArtifactError
from specrob.results import Answer
from specrob.settings.claims import Claim
from specrob.statistics.correlations import means_of_kinds, rank_correlation


def answer_correlation(networks: Sequence[MeasuredNetwork], claim: Claim) -> Answer:
    """Return the rank correlation of two quantities, also with a third held fixed.

    It is over the means of kinds of networks, since seeds of one kind are not independent of each
    other where kinds differ; over the seeds themselves where all are of one kind.

    Raises
    ------
    ArtifactError
        If no network has all, or they were measured differently.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.artifacts.folder import FolderEntry
    >>> from specrob.quantities.networks import NetworkResults
    >>> from specrob.results import Model
    >>> facts = {"arch": "mlp", "shape": (1, 2, 2), "classes": 2, "normalize": "none"}
    >>> def network(name, test, train):
    ...     model = Artifact.of(Model(test_accuracy=test, train_accuracy=train, **facts))
    ...     entries = [FolderEntry(name, model, name)]
    ...     return MeasuredNetwork(NetworkResults(name, name, None, entries))
    >>> networks = [network(f"kh-{n}", n / 8, n / 16) for n in range(4)]
    >>> quantities = ("test_accuracy", "train_accuracy")
    >>> claim = Claim(id="x", kind="correlated", quantity=quantities)
    >>> round(answer_correlation(networks, claim).effect, 12)
    1.0
    """
    names = [*claim.quantity, *([claim.partial] if claim.partial else [])]
    chosen = (
        choose_networks(networks, claim.a) if claim.a else _measured_all(networks, names, claim)
    )
    columns = [number_of_each(chosen, name, claim.where, where_known=True) for name in names]
    for column in columns:
        check_alike({claim.a: column})
    kinds: dict[str, list[list[float]]] = {}
    for network, *row in zip(chosen, *columns, strict=True):
        kinds.setdefault(network.group, []).append([finite(one) for one in row])
    x, y, *given = means_of_kinds([np.array(rows) for rows in kinds.values()]).T
    found = rank_correlation(x, y, np.random.default_rng(0), given=given[0] if given else None)
    value, low, high, p = (
        None if np.isnan(number) else number
        for number in (found.value, found.low, found.high, found.p)
    )
    used = [_name_of(column[0]) for column in columns]
    if len(set(used)) < len(used):
        raise ArtifactError(f"expected different quantities, found {', '.join(used)}; name others")
    held_fixed = f", given {used[2]}" if claim.partial else ""
    notes = [
        *(
            f"{name} does not vary"
            for name, v in zip(used, (x, y), strict=False)
            if np.ptp(v) == 0
        ),
        *([] if claim.a else _left_out(networks, chosen)),
        *(note for column in columns for note in _notes(claim, column)),
    ]
    return replace(
        undecided_answer(claim, columns[0], "; ".join(dict.fromkeys(notes))),
        sign=claim.sign or "+",
        scale="correlation",
        effect=value,
        low=low,
        high=high,
        p=p,
        values_a=tuple(x.tolist()),
        values_b=tuple(y.tolist()),
        basis="kinds" if len(kinds) > 1 else "networks",
        unit="1",
        title=f"rank correlation of {' and '.join(used[:2])}{held_fixed}",
    )


def _name_of(one: Measurement) -> str:
    """Return what was measured, by the name of the quantity that there is."""
    median = "median " if one.row.title.startswith("median ") else ""
    return f"{median}{one.row.quantity}"


def _notes(claim: Claim, column: Sequence[Measurement]) -> list[str]:
    return [*notes_on({claim.a: column}), *notes_on_own_images(column)]


def _left_out(networks: Sequence[MeasuredNetwork], chosen: Sequence[MeasuredNetwork]) -> list[str]:
    known = {one.name for one in chosen}
    names = [one.name for one in networks if one.name not in known]
    return [f"left out {listed(names)}, without one of these quantities"] if names else []


def _measured_all(
    networks: Sequence[MeasuredNetwork], names: Sequence[str], claim: Claim
) -> Sequence[MeasuredNetwork]:
    """Return the networks that have numbers of all of the quantities."""
    chosen = [
        one
        for one in networks
        if one.models
        and all(measurements(one, name, claim.where, where_known=True) for name in names)
    ]
    if not chosen:
        raise ArtifactError(
            f"expected networks with {' and '.join(names)}, found none; measure both on each"
        )
    return chosen
