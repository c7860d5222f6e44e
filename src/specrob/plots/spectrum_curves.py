"""The eigenvalues of an artifact as curves, with their fits.

Letters: ``S`` spectra, ``N`` ranks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from specrob.measures.power_law import numerical_rank
from specrob.plots.style import Array
from specrob.results import Fit, Spectrum

SHARE = 0.9  # of the variance, at which a star stands


def panel_of(source: str) -> str:
    """Return the panel in which spectra of a source are drawn: images, initial or noise."""
    if source.startswith("noise"):
        return "noise"
    return "initial" if source == "initial" else "images"


@dataclass(frozen=True)
class Curve:
    """One spectrum: its name in the legend, and eigenvalues above round-off over their unit, (N,).

    Also the rank at 90% of the variance, of a fit alpha and the ends of its line, (2, 2), and how
    strong its colour is: 1 for the most units of its name.
    """

    name: str
    source: str
    size: int
    values: Array
    star: int | None = None
    alpha: float = np.nan
    line: Array | None = None
    strength: float = 1.0

    @property
    def panel(self) -> str:
        """The panel it belongs to."""
        return panel_of(self.source)


def curves(
    spectra: Spectrum, label: str, fits: Sequence[Fit] = (), *, normalized: bool = True
) -> list[Curve]:
    """Return the curves of some spectra, over their first eigenvalue if normalized.

    >>> one = {"size": np.array([2]), "n_images": np.array([9]), "layer": np.array(["hidden"])}
    >>> values = np.array([[4.0, 2.0]])
    >>> curves(Spectrum(eigenvalues=values, source=np.array(["images"]), **one), "kh")
    [Curve(name='kh', source='images', size=2, values=array([1. , 0.5]), star=2, alpha=nan, \
line=None, strength=1.0)]
    """
    rows = zip(spectra.source, spectra.size, spectra.layer, strict=True)
    names = [(str(source), int(units), str(layer)) for source, units, layer in rows]
    several = len({layer for *_, layer in names}) > 1
    fitted = {(fit.source, fit.size, fit.layer): fit for fit in fits}
    shown = []
    for row, (values, (source, units, layer)) in enumerate(
        zip(spectra.eigenvalues, names, strict=True)
    ):
        clean = values[: numerical_rank(values)]
        unit = clean[0] if normalized and len(clean) else 1.0
        total = np.nansum(values) if spectra.variance is None else spectra.variance[row]
        within = np.nancumsum(values) >= SHARE * total
        star = int(within.argmax()) + 1 if len(clean) and within.any() else None
        name = f"{label}, {layer}" if several else label
        curve = Curve(name, source, units, clean / unit, star)
        fit = fitted.get((source, units, layer)) if len(clean) else None
        shown.append(_with_fit(curve, fit, unit) if fit else curve)
    return shown


def _with_fit(curve: Curve, fit: Fit, unit: float) -> Curve:
    """Return a curve with alpha and the ends of the fitted line, rank and lambda over its unit."""
    if fit.alpha is None or fit.intercept is None:
        return curve
    ranks = np.array(fit.range, float)
    line = np.stack([ranks, np.exp(fit.intercept - fit.alpha * np.log(ranks)) / unit])
    return replace(curve, alpha=fit.alpha, line=line)
