"""What may mislead in the numbers of an answer, counted over its networks."""

from collections import Counter
from collections.abc import Iterator, Sequence

from specrob.artifacts import to_result
from specrob.comparisons.measured_networks import Measurement
from specrob.results import Fit, PowerLaw

EXPONENTS = ("alpha", "alpha_corrected")


def warnings_on(numbers: Sequence[Measurement]) -> list[str]:
    """Return the warnings about numbers, each once, with how many of the numbers have it.

    >>> from specrob.artifacts import Artifact
    >>> from specrob.quantities.rows import rows_of
    >>> facts = {"source": "images", "layer": "hidden", "size": 9, "range": (1, 9)}
    >>> bent = Fit(alpha=1.0, stderr=0.1, power_law=False, **facts)
    >>> artifact = Artifact.of(PowerLaw(fits=(bent,)))
    >>> row = next(one for one in rows_of(artifact) if one.quantity == "alpha")
    >>> warnings_on([Measurement(row, artifact)] * 3)
    ['no power law in 3 of 3']
    """
    counts = Counter(text for one in numbers for text in _warnings(one))
    return [f"{text} in {count} of {len(numbers)}" for text, count in counts.items()]


def _warnings(one: Measurement) -> Iterator[str]:
    if one.is_attacked and one.artifact.fields.get("warnings"):
        yield "warnings about the attack (`specrob info` shows them)"
    if one.row.quantity in EXPONENTS:
        yield from _warnings_on_exponent(_fit_of(one), is_raw=one.row.quantity == "alpha")


def _warnings_on_exponent(fit: Fit, *, is_raw: bool) -> Iterator[str]:
    if fit.power_law is False:
        yield "no power law"
    if fit.biased and is_raw:
        unknown = " by an unknown amount" if fit.bias is None else ""
        yield f"biased{unknown} (too few images)"
    if fit.range_reason:
        yield f"fitted over a shorter range ({fit.range_reason})"
    if fit.reaches_end:
        yield "fitted in the last half of the ranks, which may be the layer's end"


def _fit_of(one: Measurement) -> Fit:
    """Return the fit that a row of the table is of."""
    row = one.row
    return next(
        fit
        for fit in to_result(one.artifact, PowerLaw).fits
        if (fit.source, fit.layer, fit.size) == (row.source, row.layer, row.size)
        and "{}..{}".format(*fit.range) == row.range
        and fit.weighting in (row.weighting, "none", "")
        and row.value in (fit.alpha, fit.alpha_corrected)
    )
