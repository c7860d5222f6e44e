"""Claims about networks answered, and the comparison that a command line asks for."""

from collections.abc import Sequence

from specrob.artifacts.folder import FolderEntry
from specrob.comparisons.alike import check_alike, notes_on, notes_on_own_images
from specrob.comparisons.compare import answer_pair, compare_groups
from specrob.comparisons.correlation import answer_correlation
from specrob.comparisons.estimates import effect_above, finite
from specrob.comparisons.measured_networks import (
    MeasuredNetwork,
    check_no_network_twice,
    choose_networks,
)
from specrob.comparisons.read_claims import read_claims
from specrob.comparisons.select_numbers import conditions_in_words, number_of_each
from specrob.comparisons.undecided import undecided_answer
from specrob.comparisons.verdicts import combine, decide, fill_effect
from specrob.errors import ArtifactError
from specrob.quantities.collect import collect
from specrob.quantities.networks import NetworkResults
from specrob.results import Answer, Comparison
from specrob.settings.claims import Claim, ComparisonSettings


def compare_results(
    groups: Sequence[Sequence[FolderEntry]], settings: ComparisonSettings
) -> Comparison:
    """Return the comparison of two groups of results, or the answers to a file of claims.

    Raises
    ------
    ArtifactError
        As `compare_groups` and `answer_claims`.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.results import Model
    >>> facts = {"arch": "mlp", "shape": (1, 2, 2), "classes": 2, "normalize": "none"}
    >>> def file(name, accuracy):
    ...     model = Artifact.of(Model(test_accuracy=accuracy, train_accuracy=1.0, **facts))
    ...     return FolderEntry(f"{name}.safetensors", model, name)
    >>> groups = [[file("kh", 0.75)], [file("bp", 0.5)]]
    >>> (one,) = compare_results(groups, ComparisonSettings()).answers
    >>> one.a, one.b, one.effect
    ('kh', 'bp', 0.25)
    """
    networks = [collect(group) for group in groups]
    if settings.claims is not None:
        return answer_claims(networks[0], read_claims(settings.claims))
    return compare_groups(networks[0], networks[1], settings)


def answer_claims(results: Sequence[NetworkResults], claims: Sequence[Claim]) -> Comparison:
    """Return the answer to every claim, p corrected for their number.

    A claim about networks or numbers that are not there, or that were not measured in the same
    way, is undecided for this reason.

    Raises
    ------
    ArtifactError
        If this is so for every claim.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.results import Model
    >>> facts = {"arch": "mlp", "shape": (1, 2, 2), "classes": 2, "normalize": "none"}
    >>> networks = []
    >>> for seed, accuracy in enumerate((0.78, 0.8, 0.82)):
    ...     model = Artifact.of(Model(test_accuracy=accuracy, train_accuracy=1.0, **facts))
    ...     entry = FolderEntry(f"kh-{seed}", model, f"{seed}")
    ...     networks.append(NetworkResults(f"kh-{seed}", "kh", seed, [entry]))
    >>> claim = Claim(id="accurate", kind="above", quantity="test_accuracy", a="kh", value=0.7)
    >>> answer_claims(networks, [claim]).answers[0].verdict
    'yes'
    """
    networks = [MeasuredNetwork(one) for one in results]
    answers = decide(_answer_each(networks, claims))
    by_id: dict[str, Answer] = {}
    for claim, one in zip(claims, answers, strict=True):
        own = [by_id[name] for name in claim.all]
        by_id[claim.id] = combine(one, own) if own else one
    return Comparison(answers=tuple(by_id.values()))


def _answer_each(networks: Sequence[MeasuredNetwork], claims: Sequence[Claim]) -> list[Answer]:
    """Return the effects that claims are about, without verdicts."""
    answers, failed = [], []
    for claim in claims:
        try:
            answers.append(_answer(networks, claim))
        except ArtifactError as error:
            answers.append(undecided_answer(claim, reason=f"not compared: {error}"))
            failed.append(f"claim `{claim.id}`: {error}")
    if len(failed) == sum(claim.kind != "all" for claim in claims):
        raise ArtifactError(failed[0])
    return answers


def _answer(networks: Sequence[MeasuredNetwork], claim: Claim) -> Answer:
    if claim.kind == "all":
        return undecided_answer(claim)
    if claim.kind == "correlated":
        return answer_correlation(networks, claim)
    return _answer_difference(networks, claim)


def _answer_difference(networks: Sequence[MeasuredNetwork], claim: Claim) -> Answer:
    """Return the answer to a claim about two groups, or one group and a value."""
    assert isinstance(claim.quantity, str)
    groups = {name: choose_networks(networks, name) for name in (claim.a, claim.b) if name}
    quantity, where = claim.quantity, claim.where
    numbers = {name: number_of_each(own, quantity, where) for name, own in groups.items()}
    if claim.where_b:
        other = f"{claim.a}{conditions_in_words(claim.where_b)}"
        numbers[other] = number_of_each(groups[claim.a], quantity, {**where, **claim.where_b})
    check_no_network_twice(groups)
    check_alike(numbers, asked=claim.where_b)
    if claim.kind not in ("above", "below"):
        return answer_pair(claim, groups, numbers)
    assert claim.value is not None
    (of_a,) = numbers.values()
    effect = effect_above([finite(one) for one in of_a], claim.value)
    answer = undecided_answer(
        claim, of_a, "; ".join([*notes_on(numbers), *notes_on_own_images(of_a)])
    )
    return fill_effect(answer, effect, effect.margin(claim.margin))
