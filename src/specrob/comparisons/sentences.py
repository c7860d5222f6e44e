"""Answers as sentences, a line each."""

from collections.abc import Sequence

from specrob.grammar import format_number
from specrob.results import Answer, Comparison, NotCompared


def lines_of(comparison: Comparison, *, has_ids: bool = False) -> list[str]:
    """Return a line for every answer: verdict, statement, effect with interval and p.

    A last line names what was not compared; `has_ids` says whether a file names the claims.

    >>> one = Answer(id="alpha", kind="greater", a="x", b="y", effect=0.5, low=0.25, high=0.75,
    ...     p=0.01, p_corrected=0.02, verdict="yes", quantity="alpha")
    >>> lines_of(Comparison(answers=(one,)))
    ['yes: x greater than y in alpha: difference 0.5 (95% 0.25 to 0.75, p 0.02 by Holm)']
    """
    left_out = left_out_in_words(comparison.not_compared)
    lines = [_line(one, has_id=has_ids) for one in comparison.answers]
    return [*lines, *([f"not compared: {left_out}"] if left_out else [])]


def left_out_in_words(left_out: Sequence[NotCompared]) -> str:
    """Return which quantities were not compared and why, those of one reason together.

    >>> two = [NotCompared(quantity=name, reason="not measured on b") for name in ("r2", "alpha")]
    >>> left_out_in_words(two)
    'r2, alpha (not measured on b)'
    """
    quantities: dict[str, list[str]] = {}
    for one in left_out:
        quantities.setdefault(one.reason, []).append(one.quantity)
    return "; ".join(f"{', '.join(names)} ({reason})" for reason, names in quantities.items())


def _line(one: Answer, *, has_id: bool) -> str:
    measured = f" [{one.title}]" if one.text and one.title else ""
    asked = (one.text or statement(one)).rstrip(".") + measured
    parts = [one.verdict, one.id if has_id else "", asked, effect_in_words(one)]
    return ": ".join(filter(None, parts)) + (f"; {one.reason}" if one.reason else "")


def statement(one: Answer) -> str:
    """Return what was asked, in words.

    >>> statement(Answer(id="x", kind="not-worse", a="kh", b="bp", quantity="distance",
    ...     verdict="yes"))
    'kh not worse than bp in distance'
    """
    quantity = one.title or one.quantity or ""
    match one.kind:
        case "greater" | "less":
            return f"{one.a} {one.kind} than {one.b} in {quantity}"
        case "different":
            return f"{one.a} and {one.b} differ in {quantity}"
        case "equivalent":
            return f"{one.a} equal within the margin to {one.b} in {quantity}"
        case "not-worse":
            return f"{one.a} not worse than {one.b} in {quantity}"
        case "above" | "below":
            return f"{quantity} of {one.a} {one.kind} {one.b}"
    return quantity


def effect_in_words(one: Answer) -> str:
    """Return the effect with its interval and p; nothing where there is none.

    >>> one = Answer(id="x", kind="equivalent", effect=0.5, low_90=0.25, high_90=0.75,
    ...     verdict="undecided")
    >>> effect_in_words(one)
    'difference 0.5 (90% 0.25 to 0.75)'
    """
    if one.effect is None:
        return ""
    notes = []
    is_within_margin = one.kind in ("equivalent", "not-worse") and one.low_90 is not None
    if is_within_margin:
        notes.append(f"90% {format_number((one.low_90, one.high_90))}")
    elif one.low is not None and one.high is not None:
        notes.append(f"95% {format_number((one.low, one.high))}")
    if one.p_corrected is not None:
        notes.append(f"p {one.p_corrected:.2g} by Holm")
    elif one.p is not None and not is_within_margin:
        notes.append(f"p {one.p:.2g}")
    if one.margin is not None:
        notes.append(f"margin {margin_in_words(one)}")
    if one.detectable is not None:
        notes.append(f"detectable {format_number(one.detectable)}")
    if one.images is not None:
        notes.append(f"{one.images} images")
    if one.censored and any(one.censored):
        notes.append(f"{one.censored[0]} and {one.censored[1]} distances censored")
    seeds = [str(len(values)) for values in (one.values_a, one.values_b) if values]
    if one.basis == "seeds" and seeds:
        paired = f"{seeds[0]} seeds, each with itself"
        notes.append(paired if one.where_b else f"{' and '.join(seeds)} seeds")
    if one.basis == "kinds":
        notes.append(f"over {len(one.values_a)} kinds of networks, means over seeds")
    if one.basis == "networks":
        notes.append(f"over {len(one.values_a)} networks")
    return f"{one.scale} {format_number(one.effect)} ({', '.join(notes)})"


def margin_in_words(one: Answer) -> str:
    """Return the margin, of a ratio as the ends within which it does not matter.

    >>> margin_in_words(Answer(id="x", kind="less", scale="ratio", margin=1.1, verdict="yes"))
    '1/1.1 to 1.1'
    """
    margin = format_number(one.margin)
    return f"1/{margin} to {margin}" if one.scale == "ratio" else margin
