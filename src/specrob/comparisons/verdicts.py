"""From an effect to yes, no or undecided."""

from collections.abc import Sequence
from dataclasses import replace
from math import isnan

from specrob.comparisons.corrections import caution_about, corrected_p
from specrob.comparisons.effect import Effect, exponential
from specrob.grammar import format_number
from specrob.results import Answer
from specrob.results.comparisons import Verdict

SIGNIFICANCE_LEVEL = 0.05
POSITIVE_KINDS = ("greater", "above", "correlated")  # where a positive effect is claimed


def fill_effect(answer: Answer, effect: Effect, margin: float | None) -> Answer:
    """Return an answer with the numbers of an effect, ratios as ratios.

    Raises
    ------
    ArtifactError
        If a ratio is beyond the largest number of double precision.

    Examples
    --------
    >>> one = Answer(id="x", kind="less", verdict="undecided")
    >>> log_2 = Effect(values_a=[2.0], values_b=[1.0], effect=0.6931471805599453, scale="ratio")
    >>> round(fill_effect(one, log_2, None).effect, 12)
    2.0
    """

    def readable(number: float | None) -> float | None:
        if number is None or isnan(number):
            return None
        return exponential(number) if effect.scale == "ratio" else number

    low, high = effect.interval or (None, None)
    low_90, high_90 = effect.interval_90 or (None, None)
    return replace(
        answer,
        values_a=tuple(effect.values_a),
        values_b=tuple(effect.values_b),
        images=effect.images,
        censored=effect.censored,
        scale=effect.scale,
        effect=readable(effect.effect),
        low=readable(low),
        high=readable(high),
        low_90=readable(low_90),
        high_90=readable(high_90),
        p=effect.p,
        detectable=readable(effect.detectable),
        margin=readable(margin),
        basis=effect.basis,
    )


def decide(answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers with their verdicts, p corrected as `corrected_p` says.

    >>> one = Answer(id="x", kind="greater", verdict="undecided", effect=0.1, p=0.03,
    ...     values_a=(0.6, 0.61, 0.62), values_b=(0.5, 0.51, 0.52))
    >>> [answer.verdict for answer in decide([one])]
    ['yes']
    >>> [(answer.verdict, answer.reason) for answer in decide([one, one])][1]
    ('undecided', 'no difference is established, corrected for the number of claims')
    """
    corrected = corrected_p(answers)
    return [
        _decided(replace(one, p_corrected=p)) for one, p in zip(answers, corrected, strict=True)
    ]


def _decided(one: Answer) -> Answer:
    if one.kind == "all" or one.effect is None:
        return one
    caution = caution_about(one)
    if caution:
        reasons = "; ".join(filter(None, (caution, one.reason)))
        return replace(one, verdict="undecided", reason=reasons)
    verdict, reason = _verdict(one)
    reasons = "; ".join(filter(None, (reason, one.reason)))
    return replace(one, verdict=verdict, reason=reasons or None)


def _verdict(one: Answer) -> tuple[Verdict, str]:
    zero = 1.0 if one.scale == "ratio" else 0.0
    if one.kind == "not-worse":
        return _verdict_of_not_worse(one)
    is_equal = one.margin is not None and is_equivalent(one)
    if one.kind == "equivalent":
        if is_equal:
            return "yes", ""
        if _is_beyond_margin(one):
            return "no", "the difference is larger than the margin"
        return "undecided", "the 90% interval does not lie within the margin"
    assert one.effect is not None and one.p_corrected is not None
    what = "correlation" if one.kind == "correlated" else "difference"
    is_sure, is_more = one.p_corrected < SIGNIFICANCE_LEVEL, one.effect > zero
    if one.kind == "correlated":
        is_more = is_more == (one.sign != "-")
    if is_equal:
        return "no", "equivalent within the margin"
    if is_sure and (one.kind == "different" or is_more == (one.kind in POSITIVE_KINDS)):
        return "yes", ""
    if is_sure:
        return "no", f"the {what} has the opposite sign"
    is_sure_alone = one.p is not None and one.p < SIGNIFICANCE_LEVEL
    among = ", corrected for the number of claims" * is_sure_alone
    return "undecided", f"no {what} is established{among}"


def _verdict_of_not_worse(one: Answer) -> tuple[Verdict, str]:
    """Return the verdict by the lower end of the 90% interval, a one-sided test at 5%."""
    low, _ = _margins(one)
    if one.low_90 is not None and one.low_90 > low:
        return "yes", ""
    if one.high is not None and one.high < low:
        return "no", "it is worse by more than the margin"
    end = f"1/{format_number(one.margin)}" if one.scale == "ratio" else format_number(low)
    return "undecided", f"the 90% interval begins below {end}"


def is_equivalent(one: Answer) -> bool:
    """Return whether the 90% interval of an answer lies within its margin.

    >>> one = Answer(id="x", kind="equivalent", verdict="undecided", low_90=-0.01, high_90=0.02)
    >>> is_equivalent(replace(one, margin=0.03)), is_equivalent(replace(one, margin=0.015))
    (True, False)
    """
    low, high = _margins(one)
    if one.low_90 is None or one.high_90 is None:
        return False
    return low < one.low_90 and one.high_90 < high


def _is_beyond_margin(one: Answer) -> bool:
    low, high = _margins(one)
    return one.low is not None and one.high is not None and (one.low > high or one.high < low)


def _margins(one: Answer) -> tuple[float, float]:
    assert one.margin is not None
    if one.scale == "ratio":
        return 1 / one.margin, one.margin
    return -one.margin, one.margin


def combine(answer: Answer, parts: Sequence[Answer]) -> Answer:
    """Return the answer to a claim that is made of others: yes where all are, no where one is.

    Each of the others is decided on its own, with its p corrected.

    >>> one, two = (Answer(id=v, kind="less", verdict=v) for v in ("yes", "undecided"))
    >>> combine(Answer(id="both", kind="all", verdict="undecided"), [one, two]).verdict
    'undecided'
    """
    verdicts = [one.verdict for one in parts]
    if "no" in verdicts:
        verdict: Verdict = "no"
    else:
        verdict = "yes" if set(verdicts) == {"yes"} else "undecided"
    reason = ", ".join(f"{one.id} {one.verdict}" for one in parts)
    return replace(answer, verdict=verdict, reason=reason, basis="claims")
