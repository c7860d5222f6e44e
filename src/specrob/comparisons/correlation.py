"""Claims that two quantities are correlated over networks."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from specrob.comparisons.alike import check_alike, notes_on
from specrob.comparisons.estimates import finite
from specrob.comparisons.measured_networks import MeasuredNetwork, choose_networks
from specrob.comparisons.select_numbers import measurements, number_of_each
from specrob.comparisons.undecided import undecided_answer
from specrob.errors import ArtifactError
from specrob.results import Answer
from specrob.settings.claims import Claim
from specrob.statistics.correlations import rank_correlation


def answer_correlation(networks: Sequence[MeasuredNetwork], claim: Claim) -> Answer:
    """Return the rank correlation of two quantities over networks, also with a third held fixed.

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
    notes = list(dict.fromkeys(note for column in columns for note in notes_on({claim.a: column})))
    x, y, *given = [[finite(one) for one in column] for column in columns]
    found = rank_correlation(x, y, np.random.default_rng(0), given=given[0] if given else None)
    value, low, high, p = (
        None if np.isnan(number) else number
        for number in (found.value, found.low, found.high, found.p)
    )
    given_said = f", given {claim.partial}" if claim.partial else ""
    return replace(
        undecided_answer(claim, columns[0], "; ".join(notes)),
        sign=claim.sign,
        scale="correlation",
        effect=value,
        low=low,
        high=high,
        p=p,
        values_a=tuple(x),
        values_b=tuple(y),
        basis="networks",
        unit="1",
        title=f"rank correlation of {' and '.join(names[:2])}{given_said}",
    )


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
