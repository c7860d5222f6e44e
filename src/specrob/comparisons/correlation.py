"""Claims that two quantities are correlated over networks."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from specrob.comparisons.alike import check_alike, is_of_network
from specrob.comparisons.undecided import undecided_answer
from specrob.comparisons.estimates import finite
from specrob.comparisons.select_numbers import choose_members, measurements, number_of_each
from specrob.errors import ArtifactError
from specrob.quantities.networks import NetworkResults
from specrob.results import Answer
from specrob.settings.claims import Claim
from specrob.statistics.correlations import rank_correlation


def answer_correlation(members: Sequence[NetworkResults], claim: Claim) -> Answer:
    """Return the rank correlation of two quantities over networks, also with a third held fixed.

    Raises
    ------
    ArtifactError
        If no network has all, or they were measured differently.
    """
    names = [*claim.quantity, *([claim.partial] if claim.partial else [])]
    chosen = choose_members(members, claim.a) if claim.a else _measured_all(members, names, claim)
    columns = [number_of_each(chosen, name, claim.where, where_known=True) for name in names]
    notes = list(dict.fromkeys(note for column in columns for note in check_alike(column)))
    x, y, *given = [[finite(one) for one in column] for column in columns]
    found = rank_correlation(x, y, np.random.default_rng(0), given=given[0] if given else None)
    value, low, high, p = (
        None if np.isnan(number) else number
        for number in (found.value, found.low, found.high, found.p)
    )
    given_said = f", given {claim.partial}" if claim.partial else ""
    return replace(
        undecided_answer(claim, columns[0]),
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
        reason="; ".join(notes) or None,
    )


def _measured_all(
    members: Sequence[NetworkResults], names: Sequence[str], claim: Claim
) -> Sequence[NetworkResults]:
    """Return the networks that have numbers of all of the quantities."""
    chosen = [
        one
        for one in members
        if is_of_network(one)
        and all(measurements(one, name, claim.where, where_known=True) for name in names)
    ]
    if not chosen:
        raise ArtifactError(
            f"expected networks with {' and '.join(names)}, found none; measure both on each"
        )
    return chosen
