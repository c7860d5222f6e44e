"""The quantities of fitted power laws, each fit by fit."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from specrob.quantities.quantity import Labels, Measured, Quantity
from specrob.results import Fit, PowerLaw
from specrob.statistics.intervals import NORMAL_975

VERDICTS = {True: "yes", False: "no", None: "open"}
ASYMPTOTIC = (
    "for the asymptotic exponent; an exponent over finite ranks neither proves nor refutes "
    "smoothness"
)


def _row(
    name: str,
    title: str,
    get: Callable[[Fit], float | Measured | None],
    *,
    unit: str = "1",
    axis: str = "",
    is_detail: bool = False,
    in_reports: bool = True,
) -> Quantity[PowerLaw]:
    """Return the row of a number that each fit may have."""

    def values(law: PowerLaw) -> Iterator[Measured]:
        for fit in law.fits:
            number = get(fit)
            if number is not None:
                one = number if isinstance(number, Measured) else Measured(number)
                yield replace(one, labels=_labels(fit), n=fit.n_images or None)

    topic = "Exponents: {source} {layer}" if in_reports else ""
    axis = axis or f"{title} of {{layer}}"
    title += " {source} {layer} {size}"
    return Quantity(name, title, unit, PowerLaw, values, topic, axis, is_detail)


def _labels(fit: Fit) -> Labels:
    """Return what tells one fit from another, and where its interval is from."""
    first, last = fit.range
    return {
        "source": fit.source,
        "layer": fit.layer,
        "size": fit.size,
        "images": fit.n_images,
        "ranks": f"{first}..{last}",
        "weighting": fit.weighting or "",
        "interval from": "" if _corrected(fit) is None else fit.ci_from or "bootstrap",
    }


def _alpha(fit: Fit) -> Measured:
    ranks = "ranks {}..{}".format(*fit.range)
    if fit.alpha is None:
        return Measured(None, note=f"{ranks}: {fit.reason}")
    error = fit.sampling_stderr  # over images; `stderr` is how straight the line is
    one = Measured(fit.alpha, note=ranks, error=error, warnings=tuple(_reservations(fit)))
    if error is None or fit.biased:  # a biased exponent has no interval around it
        return one
    reach = NORMAL_975 * error
    return replace(one, low=fit.alpha - reach, high=fit.alpha + reach)


def _reservations(fit: Fit) -> Iterator[str]:
    if fit.biased:
        by = "an unknown amount" if fit.bias is None else f"{fit.bias:+.3f}"
        yield f"biased by {by} (too few images)"
    if fit.range_reason:
        yield f"a shorter range ({fit.range_reason})"
    if fit.ci_reason and fit.n_images:  # an exact spectrum has no error
        yield f"no interval ({fit.ci_reason})"
    if fit.reaches_end:
        yield f"in the last half of {fit.rank} ranks, which may be the layer's end"


def _corrected(fit: Fit) -> Measured | None:
    if fit.ci is None or not fit.is_corrected:
        return None
    low, high = fit.ci
    note = f"errors from the model ({fit.bootstrap_reason})" if fit.bootstrap_reason else ""
    return Measured(fit.alpha_corrected, note=note, low=low, high=high)


def _corrected_dimension(fit: Fit) -> Measured | None:
    if fit.participation_ratio_corrected is None:
        return None
    note = f"for Gaussian activations of {fit.n_images} images" if fit.n_images else ""
    return Measured(fit.participation_ratio_corrected, note=note)


def _verdict(fit: Fit) -> Measured | None:
    if fit.bend is None and fit.biased is None:  # nothing was tested
        return None
    change = [] if fit.bend is None else [f"local exponent changes by {_size_of_bend(fit)}"]
    few = ["too few images to tell"] if fit.power_law is None else []
    return Measured(VERDICTS[fit.power_law], note=", ".join(change + few))


def _size_of_bend(fit: Fit) -> str:
    """Return the change of the local exponent in what the verdict compares it with."""
    from specrob.measures.uncertainty import MAX_CURVATURE, SIGNIFICANCE  # scipy takes long

    assert fit.bend is not None
    alpha, error = abs(fit.alpha_corrected or fit.alpha or math.inf), fit.bend_stderr or 0.0
    if SIGNIFICANCE * error > MAX_CURVATURE * alpha:
        return (
            f"{abs(fit.bend) / error:.1f} standard errors, at most {SIGNIFICANCE:g} in a power law"
        )
    return f"{abs(fit.bend) / alpha:.0%} of alpha, at most {MAX_CURVATURE:.0%} in a power law"


def _bound(fit: Fit) -> Measured | None:
    low, high = fit.bound_ci or (None, None)
    return None if fit.bound is None else Measured(fit.bound, note=ASYMPTOTIC, low=low, high=high)


def _above_bound(fit: Fit) -> Measured | None:
    """Return how far the exponent is above the bound, where both are known."""
    alpha = fit.alpha_corrected if fit.is_corrected else fit.alpha
    if fit.bound is None or alpha is None:
        return None
    return Measured(alpha - fit.bound, note=ASYMPTOTIC)


def _detail(
    name: str, title: str, get: Callable[[Fit], float | None], unit: str = "1"
) -> Quantity[PowerLaw]:
    return _row(name, title, get, unit=unit, is_detail=True, in_reports=False)


AXIS, RATIO = "exponent $α$ of {layer}", "participation ratio"
EXPONENTS: tuple[Quantity[PowerLaw], ...] = (
    _row("alpha", "alpha", _alpha, axis=AXIS),
    _row("alpha_corrected", "alpha corrected", _corrected, axis=f"{AXIS}, bias-corrected"),
    _row("null_alpha", "null alpha", lambda fit: fit.null_alpha),
    _row("participation_ratio", RATIO, lambda fit: fit.participation_ratio, is_detail=True),
    _row(
        "participation_ratio_corrected",
        f"{RATIO} corrected",
        _corrected_dimension,
        axis="corrected participation ratio of {layer}",
        is_detail=True,
    ),
    _row("power_law", "power law", _verdict),
    _row("bound", "bound 1 + 2/d", _bound, in_reports=False),
    _row("above_bound", "alpha less 1 + 2/d", _above_bound, in_reports=False, is_detail=True),
    _detail("rank_90", "rank at 90% of the variance", lambda fit: fit.rank_90, "ranks"),
    _detail("rankme", "RankMe", lambda fit: fit.rankme),
    _detail("line_error", "standard error of the line", lambda fit: fit.stderr),
    _detail("r2", "r2", lambda fit: fit.r2),
)
