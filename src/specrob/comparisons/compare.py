"""Two groups of networks compared, for one quantity or several."""

from collections.abc import Sequence

from specrob.comparisons.alike import (
    NumbersByGroup,
    check_all_fooled,
    different_conditions,
    notes_on,
)
from specrob.comparisons.common_conditions import common_numbers, find_numbers, why_left_out
from specrob.comparisons.differences import cell_in_words
from specrob.comparisons.estimates import effect_between
from specrob.comparisons.measured_networks import Groups, MeasuredNetwork, check_no_network_twice
from specrob.comparisons.select_numbers import (
    conditions_in_words,
    found_instead,
    measurements,
    number_of_each,
)
from specrob.comparisons.sentences import left_out_in_words
from specrob.comparisons.undecided import undecided_answer
from specrob.comparisons.verdicts import decide, fill_effect
from specrob.errors import ArtifactError, UsageError
from specrob.quantities.networks import NetworkResults
from specrob.quantities.seeds import group_name
from specrob.results import Answer, Comparison, NotCompared
from specrob.settings.claims import Claim, ComparisonSettings
from specrob.settings.margins import MORE_IS_BETTER, check_margin

# what is compared where no quantity is named
DEFAULT_QUANTITIES = (
    *("test_accuracy", "clean_accuracy", "relative_accuracy", "robust_accuracy"),
    *("distance", "certified_distance", "alpha", "participation_ratio_corrected"),
    *("jacobian_norm", "spectral_norm"),
)


def compare_groups(
    a: Sequence[NetworkResults], b: Sequence[NetworkResults], settings: ComparisonSettings
) -> Comparison:
    """Return the effect between two groups for every quantity that both have.

    Quantities that some networks lack, or that were measured differently, are named with the
    reason.

    Raises
    ------
    ArtifactError
        If nothing can be compared, or a quantity that the settings name cannot.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.artifacts.folder import FolderEntry
    >>> from specrob.results import Model
    >>> facts = {"arch": "mlp", "shape": (1, 2, 2), "classes": 2, "normalize": "none"}
    >>> def network(name, accuracy):
    ...     model = Artifact.of(Model(test_accuracy=accuracy, train_accuracy=1.0, **facts))
    ...     return NetworkResults(name, name, None, [FolderEntry(name, model, name)])
    >>> a, b = [network("kh", 0.75)], [network("bp", 0.5)]
    >>> (one,) = compare_groups(a, b, ComparisonSettings()).answers
    >>> one.quantity, one.effect, one.verdict
    ('test_accuracy', 0.25, 'undecided')
    """
    if not a or not b:
        raise ArtifactError("expected results of two groups, found none in one; measure both")
    groups = _named(*([MeasuredNetwork(one) for one in group] for group in (a, b)))
    check_no_network_twice(groups)
    answers, left_out = [], []
    for quantity in settings.quantity or DEFAULT_QUANTITIES:
        found, reasons = _compare(quantity, groups, settings)
        if settings.quantity and not found:
            raise ArtifactError(
                f"expected {quantity} of both groups measured in the same way, found "
                f"{'; '.join(reasons) or 'eps 0 alone'}; measure both with the same settings"
            )
        answers += found
        left_out += [NotCompared(quantity=quantity, reason=reason) for reason in reasons]
    if not answers:
        raise ArtifactError(_why_nothing(groups, settings, left_out))
    return Comparison(answers=tuple(decide(answers)), not_compared=tuple(left_out))


def _why_nothing(
    groups: Groups, settings: ComparisonSettings, left_out: Sequence[NotCompared]
) -> str:
    """Return why no quantity is compared: what is left out, or what was measured instead."""
    where = settings.conditions()
    networks = [one for group in groups.values() for one in group]
    instead = [found_instead(one, name, where) for name in DEFAULT_QUANTITIES for one in networks]
    others = next((one for one in instead if not one.endswith("none")), "none")
    cannot_be_asked = left_out and all(_why_not_asked(one.quantity, settings) for one in left_out)
    advice = "" if cannot_be_asked else "; measure both with the same settings"
    return (
        f"expected a quantity of both groups{conditions_in_words(where)}, measured in the same "
        f"way, found {left_out_in_words(left_out) or others}{advice}"
    )


def _why_not_asked(quantity: str, settings: ComparisonSettings) -> str:
    """Return why the statement or its margin is not one about a quantity, if it is not.

    Where no quantity is named they need not be about each.
    """
    if settings.kind == "not-worse" and quantity not in MORE_IS_BETTER:
        return "more is not known to be better: ask for equivalent, less or greater"
    try:
        check_margin(settings.margin or "1%", quantity)
    except UsageError as error:
        return str(error)
    return ""


def _named(a: Sequence[MeasuredNetwork], b: Sequence[MeasuredNetwork]) -> Groups:
    """Return two groups by their names, which differ."""
    names = [
        group[0].name if len(group) == 1 else group_name([one.name for one in group])
        for group in (a, b)
    ]
    if names[0] == names[1]:
        names = [f"{name} ({letter})" for name, letter in zip(names, "AB", strict=True)]
    return {names[0]: a, names[1]: b}


def _compare(
    quantity: str, groups: Groups, settings: ComparisonSettings
) -> tuple[list[Answer], list[str]]:
    """Return the answers for one quantity, and why some of its numbers were left out."""
    where = settings.conditions()
    if settings.quantity:
        _check_measured(quantity, groups, where)
    found = find_numbers(groups, quantity, where)
    common = common_numbers(found)
    if why := _why_not_asked(quantity, settings):
        return [], [why] if common else []
    answers, reasons = [], [why_left_out(found)]
    for numbers in common:
        if different := different_conditions(numbers):
            reasons.append(", ".join(different))
            continue
        try:
            check_all_fooled(numbers)
            answers.append(answer_pair(_claim(quantity, numbers, settings), groups, numbers))
        except ArtifactError as error:
            if settings.quantity:
                raise
            reasons.append(str(error))
    return answers, list(dict.fromkeys(filter(None, reasons)))


def _check_measured(quantity: str, groups: Groups, where: dict[str, str]) -> None:
    """Raise ArtifactError where a network lacks a quantity."""
    networks = [one for group in groups.values() for one in group]
    lacking = [one for one in networks if not measurements(one, quantity, where)]
    number_of_each(lacking, quantity, where)


def _claim(quantity: str, numbers: NumbersByGroup, settings: ComparisonSettings) -> Claim:
    """Return what is asked of numbers that were measured under the same conditions."""
    a, b = numbers
    first = numbers[a][0]
    known = {name: value for name, value in first.conditions.items() if value is not None}
    exactly = known if first.row.eps is None else known | {"eps": first.row.eps}
    own = {**settings.conditions(), **exactly}
    return Claim(
        id=" ".join([quantity, *(cell_in_words(own[name]) for name in own if name != "source")]),
        kind=settings.kind,
        quantity=quantity,
        where=own,
        a=a,
        b=b,
        margin=settings.margin,
    )


def answer_pair(claim: Claim, groups: Groups, numbers: NumbersByGroup) -> Answer:
    """Return the effect between two groups, of whose networks one number each is given.

    Raises
    ------
    ArtifactError
        If no image is classified correctly by all networks, or a number is infinite.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.artifacts.folder import FolderEntry
    >>> from specrob.results import Model
    >>> facts = {"arch": "mlp", "shape": (1, 2, 2), "classes": 2, "normalize": "none"}
    >>> def network(name, test, train):
    ...     model = Artifact.of(Model(test_accuracy=test, train_accuracy=train, **facts))
    ...     entries = [FolderEntry(name, model, name)]
    ...     return MeasuredNetwork(NetworkResults(name, name, None, entries))
    >>> groups = {"kh": [network("kh", 0.75, 1.0)], "bp": [network("bp", 0.5, 1.0)]}
    >>> numbers = {a: number_of_each(own, "test_accuracy", {}) for a, own in groups.items()}
    >>> claim = Claim(id="x", kind="less", quantity="test_accuracy", a="kh", b="bp")
    >>> answer_pair(claim, groups, numbers).effect
    0.25
    """
    of_a, of_b = numbers.values()
    notes = [*notes_on(numbers), *(note for group in groups.values() for note in _kinds(group))]
    effect = effect_between(of_a, of_b, paired=bool(claim.where_b))
    if effect.images is None and of_a[0].row.quantity == "relative_accuracy":
        notes.append("of each network's own correct images, since a file keeps no outcomes")
    if effect.zeros:
        which = (
            "one distance of 0 is" if effect.zeros == 1 else f"{effect.zeros} distances of 0 are"
        )
        notes.append(f"{which} taken as the smallest of the others")
    answer = undecided_answer(claim, [*of_a, *of_b], "; ".join(notes))
    return fill_effect(answer, effect, effect.margin(claim.margin))


def _kinds(networks: Sequence[MeasuredNetwork]) -> list[str]:
    """Return a note where networks of a group were trained by different commands."""
    groups = list(dict.fromkeys(one.group for one in networks))
    if len(groups) < 2 or all(one.group == one.name for one in networks):
        return []
    return [f"one group holds networks of several kinds: {', '.join(groups)}"]
