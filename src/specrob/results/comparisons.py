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
    id : str
        Name of the claim; of a comparison of two groups the quantity and its conditions.
    text : str or None
        The claim in words, from the file of claims; None where it has none.
    paper : str or None
        What a paper answers, from the file of claims; None where it does not say.
    kind : str
        What is claimed: `a` is greater or less than `b`, different from it, equivalent to it
        within a margin, not-worse by more than a margin; `a` is above or below a value; two
        quantities are correlated over networks; all of several claims.
    sign : str or None
        Sign that a correlation is claimed to have, + or -; None for other kinds.
    quantity : str or None
        Name of the quantity, ``X and Y`` of a correlation; None for `all`.
    title : str or None
        What was measured, in words; None without numbers.
    unit : str or None
        Unit of the numbers; None without them.
    where : mapping or None
        Conditions under which it was measured; None without any.
    where_b : mapping or None
        Other conditions of `b`, which is then the same networks as `a`; None where it is not.
    a : str or None
        First group of networks; None for `all`, and for a correlation over all networks.
    b : str or None
        What `a` is compared with: a group, the same networks under other conditions, or a value;
        None for `all` and correlations.
    values_a : tuple of float
        Numbers of `a`, one a seed, distances of two groups as geometric means over the common
        images; of a correlation those of the first quantity, one a kind of network (its mean over
        seeds), or of one kind one a network. Empty where there are none.
    values_b : tuple of float
        The same of `b`, empty for a value; of a correlation those of the second quantity.
    images : int or None
        Number of images that all networks classify correctly, where the numbers are of those; None
        where they are not.
    censored : tuple of int or None
        Number of distances of `a` and of `b` that are only known to be larger than was tried; None
        where `scale` is not ratio.
    scale : str
        What `effect` is: a difference, a ratio (of distances), or a correlation.
    effect : float or None
        ``a - b``, ``a / b`` or a rank correlation, by `scale`; None where it could not be
        estimated, and for `all`.
    low, high : float or None
        95% interval of `effect`, from `low` to `high`; None where nothing varies, or there are too
        few networks for an interval.
    low_90, high_90 : float or None
        90% interval of `effect`, from `low_90` to `high_90`, which shows equivalence where it lies
        within the margin, and that `a` is not worse where it begins within it; None where `low`
        is, and for correlations.
    p : float or None, 0 to 1
        Two-sided probability of such an effect under no difference; None where nothing varies, or
        there are too few networks.
    p_corrected : float or None, 0 to 1
        `p` by Holm corrected for the number of answers that a p decides; None where none decides
        this one.
    detectable : float or None
        Smallest true effect that 4 of 5 such studies would find, a ratio above 1 where `scale` is
        ratio; None for what is not over seeds, or where they do not vary.
    margin : float or None
        Largest effect that does not matter, as a difference, or as a ratio above 1; None where
        none was named.
    basis : str
        What was drawn at random: seeds, images (of two single networks), kinds of networks,
        networks of one kind; or claims, of which an answer is made.
    verdict : str
        yes, no or undecided.
    reason : str or None
        Why the answer is not a clear one, or what else a reader has to know; None where
        there is nothing to say.
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
    quantity : str
        Name of the quantity.
    reason : str
        Which networks lack it, which conditions differ, or why it cannot be asked.
    """

    quantity: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Comparison(Result):
    """Answers to some statements, their probabilities corrected for their number.

    Parameters
    ----------
    answers : tuple of Answer
        An answer for each claim, or for each quantity of two groups and its conditions.
    not_compared : tuple of NotCompared
        What some networks lack, or what was measured differently; empty for claims.
    """

    kind = "comparison"
    format = "json"
    maker = "compare"
    parallel = ("answers",)

    answers: tuple[Answer, ...]
    not_compared: tuple[NotCompared, ...] = ()
