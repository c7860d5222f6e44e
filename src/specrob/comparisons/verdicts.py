"""From an effect to yes, no or undecided."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp, isnan

from specrob.comparisons.estimates import MIN_SEEDS, Effect
from specrob.results import Answer
from specrob.results.comparisons import Verdict
from specrob.statistics.groups import correct_by_holm

SIGNIFICANCE_LEVEL = 0.05
POSITIVE_KINDS = ("greater", "above", "correlated")  # where a positive effect is claimed
LOG_RANK = "; p is that their distributions of distances are one (log-rank)"


def fill_effect(answer: Answer, effect: Effect, margin: float | None) -> Answer:
    """Return an answer with the numbers of an effect, ratios as ratios."""

    def readable(number: float | None) -> float | None:
        if number is None or isnan(number):
            return None
        return exp(number) if effect.scale == "ratio" else number

    low, high = effect.interval or (None, None)
    inner_low, inner_high = effect.inner or (None, None)
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
        low_90=readable(inner_low),
        high_90=readable(inner_high),
        p=effect.p,
        detectable=readable(effect.detectable),
        margin=readable(margin),
        basis=effect.basis,
    )


def decide(answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers with their verdicts, p corrected for the number of statements."""
    corrected = correct_by_holm([one.p for one in answers])
    decided: list[Answer] = []
    for one, p in zip(answers, corrected, strict=True):
        decided.append(replace(one, p_corrected=p))
    return [_decided(one) for one in decided]


def _decided(one: Answer) -> Answer:
    if one.kind == "all" or one.effect is None:
        return one
    caution = _caution(one)
    if caution:
        reasons = "; ".join(filter(None, (caution, one.reason)))
        return replace(one, verdict="undecided", reason=reasons)
    verdict, reason = _verdict(one)
    reasons = "; ".join(filter(None, (reason, one.reason)))
    return replace(one, verdict=verdict, reason=reasons or None)


def _caution(one: Answer) -> str:
    """Return why the numbers say nothing about a kind of network, if they do not."""
    if one.kind == "correlated":
        return "" if one.low is not None else "too few networks for an interval"
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


def _verdict(one: Answer) -> tuple[Verdict, str]:
    zero = 1.0 if one.scale == "ratio" else 0.0
    assert one.effect is not None and one.p_corrected is not None
    is_sure, is_more = one.p_corrected < SIGNIFICANCE_LEVEL, one.effect > zero
    if one.kind == "correlated":
        is_more = is_more == (one.sign != "-")
    equal = one.margin is not None and is_equivalent(one)
    if one.kind == "equivalent":
        if equal:
            return "yes", ""
        if is_sure and _is_beyond_margin(one):
            return "no", "the difference is larger than the margin"
        return "undecided", "the 90% interval does not lie within the margin"
    if equal:
        return "no", "equivalent within the margin"
    if is_sure and (one.kind == "different" or is_more == (one.kind in POSITIVE_KINDS)):
        return "yes", ""
    if is_sure:
        return "no", "the difference has the opposite sign"
    return "undecided", "no difference is established"


def is_equivalent(one: Answer) -> bool:
    """Return whether the 90% interval of an answer lies within its margin."""
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
    """Return the answer to a claim that is made of others: yes where all are, no where one is."""
    verdicts = [one.verdict for one in parts]
    if "no" in verdicts:
        verdict: Verdict = "no"
    else:
        verdict = "yes" if set(verdicts) == {"yes"} else "undecided"
    reason = ", ".join(f"{one.id} {one.verdict}" for one in parts)
    return replace(answer, verdict=verdict, reason=reason, basis="claims")
