"""Answers that say what was asked, before they are decided."""

from collections.abc import Sequence

from specrob.comparisons.measured_networks import Measurement
from specrob.comparisons.select_numbers import conditions_in_words
from specrob.results import Answer
from specrob.settings.claims import Claim


def undecided_answer(
    claim: Claim, numbers: Sequence[Measurement] = (), reason: str = ""
) -> Answer:
    """Return an answer that says what was asked, and what a reader has to know.

    >>> claim = Claim(id="x", kind="less", quantity="alpha", a="kh-{seed}", b="bp-{seed}")
    >>> one = undecided_answer(claim)
    >>> one.a, one.quantity, one.verdict
    ('kh', 'alpha', 'undecided')
    """
    quantity = claim.quantity if isinstance(claim.quantity, str) else " and ".join(claim.quantity)
    first = numbers[0].row if numbers else None
    return Answer(
        id=claim.id,
        text=claim.text or None,
        paper=claim.paper or None,
        kind=claim.kind,
        quantity=quantity or None,
        title=_title(first.title, claim) if first else None,
        unit=first.unit if first else None,
        where=dict(claim.where) or None,
        where_b=dict(claim.where_b) or None,
        a=_without_seed(claim.a) or None,
        b=_second(claim),
        verdict="undecided",
        reason=reason or None,
    )


def _title(title: str, claim: Claim) -> str:
    """Return what was measured: between two groups, distances are compared by geometric means."""
    return title.removeprefix("median ") if claim.b or claim.where_b else title


def _second(claim: Claim) -> str | None:
    """Return what the first group is compared with: a group, itself, or a value."""
    if claim.value is not None:
        return f"{claim.value:g}"
    if claim.where_b:
        return f"{_without_seed(claim.a)}{conditions_in_words(claim.where_b)}"
    return _without_seed(claim.b) or None


def _without_seed(pattern: str) -> str:
    """Return the name of a group without its seed."""
    return pattern.replace("{seed}", "").rstrip("-_. ")
