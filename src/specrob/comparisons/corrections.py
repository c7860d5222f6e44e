"""Which probabilities decide an answer, and their correction for the number of such answers."""

from collections.abc import Iterator, Mapping, Sequence

from specrob.results import Answer
from specrob.statistics.groups import correct_by_holm

MIN_SEEDS = 3  # in a group, for a statement about its kind of network
WITHIN_MARGIN = ("equivalent", "not-worse")  # kinds that the 90% interval decides
LOG_RANK = "; p is that their distributions of distances are one (log-rank)"


def caution_about(one: Answer) -> str:
    """Return why the numbers say nothing about a kind of network, if they do not.

    >>> caution_about(Answer(id="x", kind="less", verdict="undecided", values_a=(1.0,)))
    'fewer than 3 seeds in a group say nothing about its kind of network; train more'
    """
    if one.kind == "correlated":
        return "" if one.low is not None else "too few kinds of networks for an interval"
    fewest = min(len(one.values_a), len(one.values_b) if one.values_b else len(one.values_a))
    if one.basis == "images":
        return (
            "one network of each kind: the interval and p are over images, and speak of these "
            f"two networks alone{LOG_RANK if one.scale == 'ratio' else ''}; train at least "
            f"{MIN_SEEDS} seeds of each"
        )
    if fewest < MIN_SEEDS:
        return (
            f"fewer than {MIN_SEEDS} seeds in a group say nothing about its kind of network; "
            "train more"
        )
    return "" if one.p is not None else "the seeds do not vary, so that no error can be estimated"


def corrected_p(
    answers: Sequence[Answer], parts: Mapping[str, Sequence[str]]
) -> list[float | None]:
    """Return each p that decides an answer, by Holm corrected for the number of such answers.

    Parameters
    ----------
    answers : sequence of Answer
    parts : mapping
        The claims, by their ids, that a claim of the kind `all` is made of. It counts once, with
        the largest p of its parts, and each part is corrected as if the whole had its p.

    Examples
    --------
    >>> facts = {"kind": "less", "verdict": "undecided", "values_a": (0.1, 0.2, 0.3)}
    >>> a, b, c = (Answer(id=name, p=p, **facts) for name, p in zip("abc", (0.01, 0.03, 0.2)))
    >>> corrected_p([a, b, c], {})
    [0.03, 0.06, 0.2]
    >>> corrected_p([a, b, c, Answer(id="d", kind="all", verdict="yes")], {"d": ("a", "b")})
    [0.02, 0.06, 0.2, None]
    """
    inner = {name for names in parts.values() for name in names}
    wholes = [
        [at for at, own in enumerate(answers) if own.id in {*_leaves(one.id, parts)}]
        if parts.get(one.id)
        else [place]
        for place, one in enumerate(answers)
        if one.id not in inner
    ]
    by_place = {at: p for at, one in enumerate(answers) if (p := _deciding_p(one)) is not None}
    wholes = [own for whole in wholes if (own := [at for at in whole if at in by_place])]
    largest = [max(by_place[at] for at in whole) for whole in wholes]
    corrected: list[float | None] = [None] * len(answers)
    for place, whole in enumerate(wholes):
        for at in whole:
            others = [*largest[:place], by_place[at], *largest[place + 1 :]]
            found = correct_by_holm(others)[place] or 0.0
            corrected[at] = max(found, corrected[at] or 0.0)
    return corrected


def _deciding_p(one: Answer) -> float | None:
    """Return the p that decides an answer; None where an interval or nothing does."""
    return None if one.kind in WITHIN_MARGIN or caution_about(one) else one.p


def _leaves(name: str, parts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for part in parts[name]:
        if parts.get(part):
            yield from _leaves(part, parts)
        else:
            yield part
