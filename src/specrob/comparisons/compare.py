"""Two groups of networks compared, and a list of claims answered."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from specrob.artifacts.folder import FolderEntry
from specrob.comparisons.estimates import effect_between, finite, from_estimate
from specrob.comparisons.members import (
    Measurement,
    check_alike,
    choose_members,
    measurements,
    one_each,
)
from specrob.comparisons.read_claims import read_claims
from specrob.comparisons.verdicts import combine, decide, fill_effect
from specrob.errors import ArtifactError
from specrob.quantities.collect import collect
from specrob.quantities.networks import Member, group_name
from specrob.quantities.rows import Cell
from specrob.results import Answer, Comparison
from specrob.settings.claims import Claim, ComparisonSettings
from specrob.statistics.correlations import rank_correlation
from specrob.statistics.groups import mean_against

# what is compared where no quantity is named
HEADLINE = (
    *("test_accuracy", "clean_accuracy", "relative_accuracy", "robust_accuracy", "distance"),
    *("alpha", "participation_ratio_corrected", "jacobian_norm", "spectral_norm"),
)


def compare_results(
    groups: Sequence[Sequence[FolderEntry]], settings: ComparisonSettings
) -> Comparison:
    """Return the comparison of two groups of results, or the answers to a file of claims."""
    members = [collect(group) for group in groups]
    if settings.claims is not None:
        return answer_claims(members[0], read_claims(settings.claims))
    return compare_groups(members[0], members[1], settings)


def compare_groups(
    a: Sequence[Member], b: Sequence[Member], settings: ComparisonSettings
) -> Comparison:
    """Return the effect between two groups for every quantity that both have.

    Raises
    ------
    ArtifactError
        If they share none, or were measured differently.
    """
    claims = [
        claim
        for quantity in settings.quantity or HEADLINE
        for claim in _claims_of(quantity, a, b, settings)
    ]
    if not claims:
        wanted = ", ".join(settings.quantity or HEADLINE)
        raise ArtifactError(
            f"expected {wanted} of both groups, measured alike, found none; measure both in the "
            "same way"
        )
    answer = _answer_pair if settings.quantity else _answer_if_possible
    return Comparison(answers=tuple(decide([answer(claim, a, b) for claim in claims])))


def _answer_if_possible(claim: Claim, a: Sequence[Member], b: Sequence[Member]) -> Answer:
    try:
        return _answer_pair(claim, a, b)
    except ArtifactError as error:
        return replace(_blank(claim), reason=str(error))


def _claims_of(
    quantity: str, a: Sequence[Member], b: Sequence[Member], settings: ComparisonSettings
) -> list[Claim]:
    """Return a claim for every way in which the first member was measured, if all were."""
    conditions: list[dict[str, Cell]] = []
    where: dict[str, Cell] = {**settings.conditions()}
    for one in measurements(a[0], quantity, where):
        own = where | {name: value for name, value in one.conditions.items() if value is not None}
        everywhere = all(len(measurements(m, quantity, own)) == 1 for m in (*a, *b))
        if everywhere and own.get("eps") != 0:
            conditions.append(own)
    if not conditions and settings.quantity:
        one_each([*a, *b], quantity, where)  # says what is missing
    return [
        Claim(
            id=" ".join([quantity, *(f"{own[name]}" for name in ("layer", "eps") if name in own)]),
            kind=settings.kind,
            quantity=quantity,
            where={name: value for name, value in own.items() if value is not None},
            a=_name(a),
            b=_name(b),
            margin=settings.margin,
        )
        for own in conditions
    ]


def _name(members: Sequence[Member]) -> str:
    alone = len(members) == 1
    return members[0].network if alone else group_name([one.network for one in members])


def answer_claims(members: Sequence[Member], claims: Sequence[Claim]) -> Comparison:
    """Return the answer to every claim, p corrected for their number.

    Raises
    ------
    ArtifactError
        If a network or a number that a claim names is missing.
    """
    answers = decide([_answer(members, claim) for claim in claims])
    by_id: dict[str, Answer] = {}
    for claim, one in zip(claims, answers, strict=True):
        parts = [by_id[name] for name in claim.all]
        by_id[claim.id] = combine(one, parts) if parts else one
    return Comparison(answers=tuple(by_id.values()))


def _answer(members: Sequence[Member], claim: Claim) -> Answer:
    try:
        if claim.kind == "all":
            return _blank(claim)
        if claim.kind == "correlated":
            return _answer_correlation(members, claim)
        a = choose_members(members, claim.a)
        b = choose_members(members, claim.b) if claim.b else []
        return _answer_pair(claim, a, b) if b else _answer_above(claim, a)
    except ArtifactError as error:
        raise ArtifactError(f"claim `{claim.id}`: {error}") from error


def _blank(claim: Claim, numbers: Sequence[Measurement] = ()) -> Answer:
    """Return an answer that says what was asked."""
    quantity = claim.quantity if isinstance(claim.quantity, str) else " and ".join(claim.quantity)
    first = numbers[0].row if numbers else None
    return Answer(
        id=claim.id,
        text=claim.text or None,
        paper=claim.paper or None,
        kind=claim.kind,
        quantity=quantity or None,
        title=first.title.removeprefix("median ") if first else None,
        unit=first.unit if first else None,
        where=dict(claim.where) or None,
        a=_plain(claim.a) or None,
        b=_plain(claim.b) or (None if claim.value is None else f"{claim.value:g}"),
        verdict="undecided",
    )


def _plain(pattern: str) -> str:
    """Return a name without its seed."""
    return pattern.replace("{seed}", "").rstrip("-_. ")


def _answer_pair(claim: Claim, a: Sequence[Member], b: Sequence[Member]) -> Answer:
    assert isinstance(claim.quantity, str)
    of_a, of_b = (one_each(group, claim.quantity, claim.where) for group in (a, b))
    numbers = [*of_a, *of_b]
    notes = check_alike(numbers)
    effect = effect_between(of_a, of_b)
    if effect.images is None and numbers[0].row.quantity == "relative_accuracy":
        notes.append("of each network's own correct images, since a file keeps no outcomes")
    answer = replace(_blank(claim, numbers), reason="; ".join(notes) or None)
    return fill_effect(answer, effect, effect.margin(claim.margin))


def _answer_above(claim: Claim, a: Sequence[Member]) -> Answer:
    assert isinstance(claim.quantity, str) and claim.value is not None
    numbers = one_each(a, claim.quantity, claim.where)
    notes = check_alike(numbers)
    values = [finite(one) for one in numbers]
    effect = from_estimate(values, mean_against(values, claim.value))
    answer = replace(_blank(claim, numbers), reason="; ".join(notes) or None)
    return fill_effect(answer, effect, effect.margin(claim.margin))


def _answer_correlation(members: Sequence[Member], claim: Claim) -> Answer:
    chosen = choose_members(members, claim.a) if claim.a else list(members)
    names = [*claim.quantity, *([claim.partial] if claim.partial else [])]
    columns = [one_each(chosen, name, claim.where) for name in names]
    x, y, *given = [[finite(one) for one in column] for column in columns]
    found = rank_correlation(x, y, np.random.default_rng(0), given=given[0] if given else None)
    low, high = (None if np.isnan(end) else end for end in (found.low, found.high))
    answer = replace(
        _blank(claim, columns[0]),
        scale="correlation",
        effect=None if np.isnan(found.value) else found.value,
        low=low,
        high=high,
        values_a=tuple(x),
        values_b=tuple(y),
        basis="networks",
        unit="1",
        title=f"rank correlation of {' and '.join(names[:2])}"
        + (f", given {claim.partial}" if claim.partial else ""),
    )
    if low is None or high is None:
        return replace(answer, reason="too few networks for an interval")
    towards = 1 if claim.sign == "+" else -1
    nearest, farthest = sorted((towards * low, towards * high))
    if nearest > 0:
        return replace(answer, verdict="yes")
    if farthest < 0:
        return replace(answer, verdict="no", reason="the correlation has the opposite sign")
    return replace(answer, reason="the interval holds 0")
