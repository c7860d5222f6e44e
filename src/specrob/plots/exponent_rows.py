"""Rows of the figure of exponents: the fits of one spectrum of one network, or of its seeds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import numpy as np

from specrob.plots import style
from specrob.plots.exponents import Exponent, exponent_of
from specrob.plots.figure import Series
from specrob.plots.seeds import check_same
from specrob.results import AlphaMap, Fit, PowerLaw

LONGEST = 96  # characters of the name of a row
Ends = tuple[float, float]
BARS = {
    "ci": "95% interval of the corrected exponent",
    "stderr": "standard error of the line, as fitted",
    "seeds": "s.d. over seeds, which are dots",
}


@dataclass(frozen=True)
class Row:
    """The fits of all seeds to one spectrum, how their series looks, and what names them."""

    fits: tuple[Fit, ...]
    look: style.Look
    parts: tuple[str, ...]
    name: str = ""

    @cached_property
    def exponent(self) -> Exponent | None:
        """The exponent that is drawn."""
        return exponent_of(self.fits, len(self.fits))

    @property
    def null(self) -> float | None:
        """The exponent of a flat spectrum, the mean over seeds."""
        return _mean([fit.null_alpha for fit in self.fits])

    @property
    def bound(self) -> float | None:
        """The bound 1 + 2/d of smooth representations, where the dimension d is known."""
        return _mean([fit.bound for fit in self.fits])

    @property
    def bar(self) -> tuple[str, Ends] | None:
        """What the bar is, a row of `BARS`, and its ends."""
        one = self.exponent
        if one is None:
            return None
        if len(one.values) > 1:
            return "seeds", (one.mean - one.deviation, one.mean + one.deviation)
        fit = next(fit for fit in self.fits if fit.alpha is not None)
        if one.corrected and fit.ci is not None:
            return "ci", fit.ci
        return ("stderr", (one.mean - fit.stderr, one.mean + fit.stderr)) if fit.stderr else None

    @cached_property
    def map(self) -> AlphaMap | None:
        """The exponent for every range, the mean over seeds, where all have it for one grid."""
        maps = [fit.map for fit in self.fits if fit.map]
        if not maps or len(maps) < len(self.fits) or len({m.ranks for m in maps}) > 1:
            return None
        if len(maps) == 1:
            return maps[0]
        mean = np.mean([np.array(m.alpha, dtype=float) for m in maps], axis=0)
        return replace(maps[0], alpha=tuple(map(tuple, mean.tolist())))


def rows_of(series: Sequence[Series]) -> tuple[list[Row], str]:
    """Return a row for each fit, and what all of them have in common."""
    rows = _with_remarks([row for one in series for row in _rows(one)])
    parts = [row.parts for row in rows]
    same = [len(set(part)) == 1 for part in zip(*parts, strict=True)]
    if parts:
        same[0] = len(series) == 1

    def join(part: Sequence[str], shared: bool) -> str:
        chosen = (p for p, s in zip(part, same, strict=True) if p and s == shared)
        return style.shorten(", ".join(chosen), LONGEST)

    named = [replace(row, name=join(row.parts, False)) for row in rows]
    return named, join(parts[0], True) if parts else ""


def _rows(one: Series) -> Iterator[Row]:
    """Yield the rows of a network: the n-th fit of a layer is the n-th of all seeds."""
    seeds = [sorted(result.fits, key=_spectrum) for result in one.results(PowerLaw)]
    check_same([tuple(map(_spectrum, fits)) for fits in seeds], "layers and sources", one.label)
    order = list(dict.fromkeys(map(_spectrum, one.result(PowerLaw).fits)))
    alike = [(_spectrum(fits[0]), fits) for fits in zip(*seeds, strict=True)]
    by_spectrum = {key: [f for _, f in group] for key, group in groupby(alike, lambda x: x[0])}
    for key in order:
        for fits in by_spectrum[key]:
            yield Row(fits, one.look, (style.shorten(one.label), *_names(fits)))


def _with_remarks(rows: Sequence[Row]) -> list[Row]:
    """Return the rows named also by which exponent is drawn, and by a verdict against it."""
    any_corrected = any(row.exponent and row.exponent.corrected for row in rows)

    def remarks(one: Exponent | None) -> tuple[str, str]:
        kind = "corrected" if one and one.corrected else "as fitted" if one else ""
        return kind if any_corrected else "", one.verdict if one else ""

    return [replace(row, parts=(*row.parts, *remarks(row.exponent))) for row in rows]


def _mean(numbers: Sequence[float | None]) -> float | None:
    """Return the mean over the seeds that have a number, or None where none has."""
    there = [number for number in numbers if number is not None]
    return float(np.mean(there)) if there else None


def _spectrum(fit: Fit) -> tuple[str, str]:
    return fit.source, fit.layer


def _names(fits: Sequence[Fit]) -> tuple[str, ...]:
    """Return what may tell a fit from others; sizes and ranks of seeds may differ a little."""
    source, layer = style.shorten(fits[0].source), style.shorten(fits[0].layer)
    sizes, firsts, lasts = (
        _span(n) for n in zip(*((fit.size, *fit.range) for fit in fits), strict=True)
    )
    return source, layer, f"{sizes} units", f"n\N{NO-BREAK SPACE}{firsts}–{lasts}"


def _span(numbers: Sequence[int]) -> str:
    """Return a number, or the smallest and the largest of several.

    >>> _span([50, 50]), _span([50, 48])
    ('50', '48..50')
    """
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low}..{high}"
