"""Answers to statements about networks, with the numbers that they rest on."""

from dataclasses import dataclass
from typing import Literal

from specrob.results.record import Facts, Record, Result, recorded
from specrob.settings.claims import ClaimKind

Verdict = Literal["yes", "no", "undecided"]
Scale = Literal["difference", "ratio", "correlation"]
Basis = Literal["seeds", "images", "kinds", "networks", "claims"]


@dataclass(frozen=True, kw_only=True)
class Answer(Record):
    """What the numbers say of one statement.

    Parameters
    ----------
    id, text, paper
        The statement, and what a paper answered.
    kind
        ``a`` is greater or less than ``b``, different from it, equal within a margin to it, not
        worse by more than a margin; ``a`` is above or below a value; two quantities are correlated
        over kinds of networks; all of several claims.
    sign
        The sign that a correlation is claimed to have.
    quantity, title, unit, where
        What was measured, and how.
    a, b
        The groups of networks, or the value that `a` is compared with.
    where_b
        The other conditions of `b`, where it is the same networks as `a`.
    values_a, values_b
        The number of each seed; of correlations the mean of each kind of network over its seeds.
    images
        Number of images that all members classify correctly, where the numbers are of those.
    censored
        Number of distances of `a` and of `b` that are only known to be larger than was tried.
    effect, low, high
        ``a - b``, or ``a / b`` on the scale of ratios, or a rank correlation, with its 95%
        interval.
    low_90, high_90
        The 90% interval, which shows equivalence where it lies within the margin, and that `a` is
        not worse where it begins within it.
    p, p_corrected
        Two-sided probability of such an effect under no difference; corrected for the number of
        statements that a p decides, where it decides this one.
    detectable
        The smallest true effect that 4 of 5 such studies would find; a ratio above 1 on the scale
        of ratios.
    margin
        The largest effect that does not matter, as a difference, or as a ratio above 1.
    basis
        What was drawn at random: seeds, images of two single networks, kinds of networks.
    verdict, reason
        The answer, and why it is not a clear one, or what else a reader has to know.
    """

    id: str
    text: str | None = None
    paper: str | None = None
    kind: ClaimKind
    sign: Literal["+", "-"] | None = None
    quantity: str | None = None
    title: str | None = None
    unit: str | None = None
    where: Facts | None = None
    where_b: Facts | None = None
    a: str | None = None
    b: str | None = None
    values_a: tuple[float, ...] = ()
    values_b: tuple[float, ...] = ()
    images: int | None = None
    censored: tuple[int, int] | None = None
    scale: Scale = "difference"
    effect: float | None = recorded()
    low: float | None = recorded()
    high: float | None = recorded()
    low_90: float | None = None
    high_90: float | None = None
    p: float | None = recorded()
    p_corrected: float | None = recorded()
    detectable: float | None = None
    margin: float | None = None
    basis: Basis = "seeds"
    verdict: Verdict
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class NotCompared(Record):
    """A quantity, or some numbers of it, that could not be compared.

    Parameters
    ----------
    quantity
        What was measured.
    reason
        Which networks lack it, or which conditions differ.
    """

    quantity: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Comparison(Result):
    """Answers to some statements, their probabilities corrected for their number.

    Parameters
    ----------
    answers
        An answer for each statement.
    not_compared
        What some networks lack, or what was measured differently.
    """

    kind = "comparison"
    format = "json"
    maker = "compare"
    parallel = ("answers",)

    answers: tuple[Answer, ...]
    not_compared: tuple[NotCompared, ...] = ()
