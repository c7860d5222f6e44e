"""Which probabilities decide an answer, and their correction for the number of such answers."""

from collections.abc import Sequence

from specrob.results import Answer
from specrob.statistics.groups import correct_by_holm

MIN_SEEDS = 3  # in a group, for a statement about its kind of network
WITHIN_MARGIN = ("equivalent", "not-worse")  # kinds that the 90% interval decides


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
            f"two networks alone; train at least {MIN_SEEDS} seeds of each"
        )
    if fewest < MIN_SEEDS:
        return (
            f"fewer than {MIN_SEEDS} seeds in a group say nothing about its kind of network; "
            "train more"
        )
    return "" if one.p is not None else "the seeds do not vary, so that no error can be estimated"


def corrected_p(answers: Sequence[Answer]) -> list[float | None]:
    """Return each p that decides an answer, by Holm corrected for the number of such answers.

    >>> facts = {"kind": "less", "verdict": "undecided", "values_a": (0.1, 0.2, 0.3)}
    >>> corrected_p([Answer(id="x", p=p, **facts) for p in (0.01, 0.03, 0.2, None)])
    [0.03, 0.06, 0.2, None]
    """
    return correct_by_holm([_deciding_p(one) for one in answers])


def _deciding_p(one: Answer) -> float | None:
    """Return the p that decides an answer; None where an interval or nothing does."""
    return None if one.kind in WITHIN_MARGIN or caution_about(one) else one.p
