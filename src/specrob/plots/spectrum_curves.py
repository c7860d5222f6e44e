"""The eigenvalues of an artifact as curves, with their fits; those of several seeds as one.

Letters: ``S`` spectra, ``N`` ranks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from specrob.measures.power_law import numerical_rank
from specrob.plots.exponents import Exponent, exponent_of
from specrob.plots.seeds import check_same
from specrob.plots.style import Array
from specrob.results import Fit, Spectrum

SHARE = 0.9  # of the variance, at which a star stands


def panel_of(source: str) -> str:
    """Return the panel in which spectra of a source are drawn, one for both kinds of noise."""
    if source.startswith("noise"):
        return "noise"
    return source if source in ("initial", "uncentred") else "images"


@dataclass(frozen=True)
class Curve:
    """One spectrum: eigenvalues above round-off over their unit, (N,).

    Also the rank at 90% of the variance, the fits of each seed and the ends of their line, (2, 2),
    how strong its colour is: 1 for the most units of its layer; for several seeds the standard
    deviation of the logarithms, (N,); and, of the most units, how many more never vary.
    """

    layer: str
    source: str
    size: int
    values: Array
    star: int | None = None
    fits: tuple[Fit, ...] = ()
    line: Array | None = None
    strength: float = 1.0
    seeds: int = 1
    spread: Array | None = None
    left_out: int = 0

    @property
    def whole(self) -> int:
        """The number of units before those were left out that never vary."""
        return self.size + self.left_out

    @property
    def panel(self) -> str:
        """The panel it belongs to."""
        return panel_of(self.source)

    @property
    def exponent(self) -> Exponent | None:
        """The exponent that figures show."""
        return exponent_of(self.fits, self.seeds)


def curves(spectra: Spectrum, fits: Sequence[Fit] = (), *, normalized: bool = True) -> list[Curve]:
    """Return the curves of some spectra, over their first eigenvalue if normalized.

    >>> one = {"size": np.array([2]), "n_images": np.array([9]), "layer": np.array(["hidden"])}
    >>> values = np.array([[4.0, 2.0]])
    >>> (curve,) = curves(Spectrum(eigenvalues=values, source=np.array(["images"]), **one))
    >>> curve.layer, curve.values, curve.star
    ('hidden', array([1. , 0.5]), 2)
    """
    rows = list(zip(spectra.source, spectra.size, spectra.layer, strict=True))
    most = {(source, layer): size for source, size, layer in sorted(rows)}
    fitted = {(fit.source, fit.size, fit.layer): fit for fit in fits}
    shown = []
    for row, (source, units, layer) in enumerate(rows):
        values = spectra.eigenvalues[row]
        clean = values[: numerical_rank(values)]
        unit = clean[0] if normalized and len(clean) else 1.0
        total = np.nansum(values) if spectra.variance is None else spectra.variance[row]
        within = np.nancumsum(values) >= SHARE * total
        star = int(within.argmax()) + 1 if len(clean) and within.any() else None
        curve = Curve(str(layer), str(source), int(units), clean / unit, star)
        if spectra.dropped is not None and units == most[source, layer]:
            curve = replace(curve, left_out=int(spectra.dropped[row]))
        fit = fitted.get((curve.source, int(units), curve.layer)) if len(clean) else None
        shown.append(_with_fit(curve, fit, unit) if fit else curve)
    return shown


def _with_fit(curve: Curve, fit: Fit, unit: float) -> Curve:
    """Return a curve with exponent and the ends of the fitted line, rank and lambda over unit."""
    if fit.alpha is None or fit.intercept is None:
        return curve
    ranks = np.array(fit.range, float)
    line = np.stack([ranks, np.exp(fit.intercept - fit.alpha * np.log(ranks)) / unit])
    return replace(curve, fits=(fit,), line=line)


def merge(seeds: Sequence[Sequence[Curve]], label: str) -> list[Curve]:
    """Return the curves of several seeds as one: the geometric mean, rank by rank.

    They end where the shortest does. The star is at the mean of the ranks at 90%; the line is the
    mean of the fitted lines where all have one.

    Raises
    ------
    ArtifactError
        If the seeds differ in layers, sources or sizes.

    Examples
    --------
    >>> one, other = (Curve("x", "images", 2, np.array([1.0, v])) for v in (0.1, 0.4))
    >>> merge([[one], [other]], "kh")[0].values
    array([1. , 0.2])
    """
    if len(seeds) == 1:
        return list(seeds[0])
    keys = [tuple((c.layer, c.source, c.size) for c in curves) for curves in seeds]
    whole = [tuple((c.layer, c.source, c.whole) for c in curves) for curves in seeds]
    if len(set(whole)) > 1:
        check_same(keys, "layers, sources and sizes", label)
    return [_mean(alike) for alike in zip(*seeds, strict=True)]


def _mean(alike: Sequence[Curve]) -> Curve:
    length = min(len(curve.values) for curve in alike)
    logs = np.log([curve.values[:length] for curve in alike])
    stars = [curve.star for curve in alike if curve.star]
    return replace(
        alike[0],
        values=np.exp(logs.mean(0)),
        spread=logs.std(0, ddof=1),
        star=round(float(np.mean(stars))) if stars else None,
        fits=tuple(fit for curve in alike for fit in curve.fits),
        seeds=len(alike),
        line=_mean_line([curve.line for curve in alike if curve.line is not None], len(alike)),
    )


def _mean_line(lines: Sequence[Array], seeds: int) -> Array | None:
    """Return the mean of lines, where all seeds have one, over the ranks that all share."""
    first = max((line[0, 0] for line in lines), default=0.0)
    last = min((line[0, -1] for line in lines), default=0.0)
    if len(lines) < seeds or not first < last:
        return None
    ends = np.log([first, last])
    logs = [np.log(line) for line in lines]
    values = [np.interp(ends, *log) for log in logs]
    return np.stack([np.exp(ends), np.exp(np.mean(values, axis=0))])
