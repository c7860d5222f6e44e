"""How radii are written: in levels of 8-bit pixels where they are whole numbers of them."""

from collections.abc import Iterable

LEVELS = 255  # of an 8-bit pixel, above 0
ROUND_OFF = 1e-6
SHORT = 3  # decimals up to which a radius is a decimal number, even where it is in levels


def format_radius(eps: float) -> str:
    """Return a radius as text: ``8/255`` in levels of pixels, else a decimal number.

    >>> format_radius(8 / 255), format_radius(0.05), format_radius(0.2), format_radius(0)
    ('8/255', '0.05', '0.2', '0')
    """
    level = _level(eps)
    return f"{eps:.4g}" if level is None or _is_short(eps) else f"{level}/{LEVELS}"


def are_levels(radii: Iterable[float]) -> bool:
    """Return whether all positive radii are whole levels of pixels, and not all short decimals.

    >>> are_levels([0, 2 / 255, 0.2]), are_levels([0.2, 0.4]), are_levels([0.01, 0.1])
    (True, False, False)
    """
    positive = [eps for eps in radii if eps > 0]
    levels = all(_level(eps) is not None for eps in positive)
    return levels and not all(map(_is_short, positive))


def _level(eps: float) -> int | None:
    """Return the n of n/255, from 1 to 255, or None."""
    if not 0 < eps <= 1 + ROUND_OFF:
        return None
    level = round(eps * LEVELS)
    return level if level and abs(eps - level / LEVELS) < ROUND_OFF else None


def _is_short(eps: float) -> bool:
    return abs(eps - round(eps, SHORT)) < ROUND_OFF / 1000
