"""Two groups of networks compared, and a list of claims answered."""

from collections.abc import Sequence
from dataclasses import replace

from specrob.artifacts.folder import FolderEntry
from specrob.comparisons.alike import check_alike, networks_of
from specrob.comparisons.undecided import undecided_answer
from specrob.comparisons.correlation import answer_correlation
from specrob.comparisons.estimates import effect_above, effect_between, finite
from specrob.comparisons.select_numbers import choose_members, measurements, number_of_each
from specrob.comparisons.read_claims import read_claims
from specrob.comparisons.verdicts import combine, decide, fill_effect
from specrob.errors import ArtifactError
from specrob.quantities.collect import collect
from specrob.quantities.networks import NetworkResults
from specrob.quantities.rows import Cell
from specrob.quantities.seeds import group_name
from specrob.results import Answer, Comparison
from specrob.settings.claims import Claim, ComparisonSettings

# what is compared where no quantity is named
DEFAULT_QUANTITIES = (
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
    a: Sequence[NetworkResults], b: Sequence[NetworkResults], settings: ComparisonSettings
) -> Comparison:
    """Return the effect between two groups for every quantity that both have.

    Raises
    ------
    ArtifactError
        If they share none, or were measured differently.
    """
    if not a or not b:
        raise ArtifactError("expected results of two groups, found none in one; measure both")
    claims = [
        claim
        for quantity in settings.quantity or DEFAULT_QUANTITIES
        for claim in _claims_of(quantity, a, b, settings)
    ]
    if not claims:
        wanted = ", ".join(settings.quantity or DEFAULT_QUANTITIES)
        raise ArtifactError(
            f"expected {wanted} of both groups, measured alike, found none; measure both in the "
            "same way"
        )
    answer = _answer_pair if settings.quantity else _answer_if_possible
    return Comparison(answers=tuple(decide([answer(claim, a, b) for claim in claims])))


def _answer_if_possible(claim: Claim, a: Sequence[NetworkResults], b: Sequence[NetworkResults]) -> Answer:
    try:
        return _answer_pair(claim, a, b)
    except ArtifactError as error:
        return replace(undecided_answer(claim), reason=str(error))


def _claims_of(
    quantity: str, a: Sequence[NetworkResults], b: Sequence[NetworkResults], settings: ComparisonSettings
) -> list[Claim]:
    """Return a claim for every way in which the first member was measured, if all were."""
    conditions: list[dict[str, Cell]] = []
    where: dict[str, Cell] = {**settings.conditions()}
    for one in measurements(a[0], quantity, where):
        own = where | {name: value for name, value in one.conditions.items() if value is not None}
        everywhere = all(len(measurements(m, quantity, own)) == 1 for m in (*a, *b))
        if everywhere and (own.get("eps") != 0 or settings.at == 0):
            conditions.append(own)
    if not conditions and settings.quantity:
        number_of_each([*a, *b], quantity, where)  # says what is missing
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


def _name(members: Sequence[NetworkResults]) -> str:
    alone = len(members) == 1
    return members[0].network if alone else group_name([one.network for one in members])


def answer_claims(members: Sequence[NetworkResults], claims: Sequence[Claim]) -> Comparison:
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


def _answer(members: Sequence[NetworkResults], claim: Claim) -> Answer:
    try:
        if claim.kind == "all":
            return undecided_answer(claim)
        if claim.kind == "correlated":
            return answer_correlation(members, claim)
        a = choose_members(members, claim.a)
        b = choose_members(members, claim.b) if claim.b else []
        return _answer_pair(claim, a, b) if b else _answer_above(claim, a)
    except ArtifactError as error:
        raise ArtifactError(f"claim `{claim.id}`: {error}") from error


def _answer_pair(claim: Claim, a: Sequence[NetworkResults], b: Sequence[NetworkResults]) -> Answer:
    assert isinstance(claim.quantity, str)
    of_a, of_b = (number_of_each(group, claim.quantity, claim.where) for group in (a, b))
    numbers = [*of_a, *of_b]
    if twice := networks_of(a) & networks_of(b):
        raise ArtifactError(
            f"expected two groups of different networks, found {len(twice)} in both; change one"
        )
    notes = [*check_alike(numbers), *_several_kinds(a), *_several_kinds(b)]
    effect = effect_between(of_a, of_b)
    if effect.images is None and numbers[0].row.quantity == "relative_accuracy":
        notes.append("of each network's own correct images, since a file keeps no outcomes")
    answer = replace(undecided_answer(claim, numbers), reason="; ".join(notes) or None)
    return fill_effect(answer, effect, effect.margin(claim.margin))


def _several_kinds(members: Sequence[NetworkResults]) -> list[str]:
    """Return a note where networks of a group were trained by different commands."""
    groups = list(dict.fromkeys(one.group for one in members))
    if len(groups) < 2 or all(one.group == one.network for one in members):
        return []
    return [f"one group holds networks of several kinds: {', '.join(groups)}"]


def _answer_above(claim: Claim, a: Sequence[NetworkResults]) -> Answer:
    assert isinstance(claim.quantity, str) and claim.value is not None
    numbers = number_of_each(a, claim.quantity, claim.where)
    notes = check_alike(numbers)
    values = [finite(one) for one in numbers]
    effect = effect_above(values, claim.value)
    answer = replace(undecided_answer(claim, numbers), reason="; ".join(notes) or None)
    return fill_effect(answer, effect, effect.margin(claim.margin))
