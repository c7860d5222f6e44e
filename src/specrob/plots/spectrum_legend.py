"""What the legend of eigenspectra says: networks with their exponents, layers, and marks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from specrob.plots import style
from specrob.plots.exponents import CORRECTED, Exponent
from specrob.plots.figure import Entry
from specrob.plots.looks import of_layer
from specrob.plots.spectrum_curves import SHARE, Curve

NOISE_LINES = {"noise": (0, (4, 1.4)), "noise-exact": (0, (1, 1.2))}
LONGEST_LEGEND = 3  # sizes below the largest
EXPONENT = {"images": "α", "uncentred": "uncentred", "initial": "initial", "noise": "noise"}
DAGGER = "†"
BLANK: style.Look = {"linestyle": "none"}
FIT: style.Look = {"linewidth": 0.8}


@dataclass(frozen=True)
class ShownCurve:
    """A curve, the label of its network, and its look."""

    label: str
    look: style.Look
    curve: Curve

    @property
    def key(self) -> tuple[str, str]:
        """Network and layer."""
        return self.label, self.curve.layer

    @property
    def line(self) -> object:
        """The dash: that of noise, of one layer among several, or none."""
        return NOISE_LINES.get(self.curve.source, self.look["linestyle"])

    @property
    def exponent(self) -> Exponent | None:
        """The exponent of the most units."""
        return self.curve.exponent if self.curve.strength == 1 else None


def entries_of(drawn: Sequence[ShownCurve]) -> list[Entry]:
    """Return a line of the legend for each network; of one network for each of its layers.

    With the exponents of their most units, of several layers in the order of the layers. The
    layers stand below the name of their network.
    """
    layers = layers_of(drawn)
    networks = dict.fromkeys(one.label for one in drawn)
    if len(networks) == 1 and len(layers) > 1:
        own = [_entry([x for x in drawn if x.key[1] == layer], layer, drawn) for layer in layers]
        return [*(Entry(name, BLANK) for name in networks), *own]
    return [_entry([x for x in drawn if x.label == name], name, drawn) for name in networks]


def layers_of(drawn: Sequence[ShownCurve]) -> list[str]:
    """Return the layers of all curves, in their order."""
    return list(dict.fromkeys(one.curve.layer for one in drawn))


def _entry(own: Sequence[ShownCurve], name: str, drawn: Sequence[ShownCurve]) -> Entry:
    look = {k: v for k, v in own[0].look.items() if k != "linestyle"}
    if len(layers_of(own)) > 1:  # whose markers are said once, for all networks
        look |= {"linestyle": "-", "marker": "o"}
    several = len({panel for *_, panel in exponents_of(drawn)}) > 1
    found, mixed, parts = exponents_of(own), is_mixed(drawn), []
    for panel, symbol in EXPONENT.items():
        ordered = [found.get((own[0].label, layer, panel)) for layer in layers_of(own)]
        if any(ordered):
            parts.append(f"{symbol if several else 'α'} {_numbers(ordered, mixed=mixed)}")
    return Entry(name, look, ", ".join(parts))


def exponents_of(drawn: Sequence[ShownCurve]) -> dict[tuple[str, str, str], Exponent]:
    """Return the exponents that are shown, by network, layer and panel.

    They are those of the most units, and of noise the first, which was sampled.
    """
    found: dict[tuple[str, str, str], Exponent] = {}
    for one in drawn:
        if one.exponent:
            found.setdefault((*one.key, one.curve.panel), one.exponent)
    return found


def _numbers(found: Sequence[Exponent | None], *, mixed: bool) -> str:
    """Return one exponent with what is to be known of it, or several, marked; a dash for none."""
    if len(found) > 1:
        return ", ".join(
            x.number + DAGGER * bool(x.refuted) + "*" * (mixed and x.corrected) if x else "–"
            for x in found
        )
    (one,) = found
    assert one is not None
    return ", ".join(filter(None, [one.number + "*" * (mixed and one.corrected), one.verdict]))


def is_mixed(drawn: Sequence[ShownCurve]) -> bool:
    """Return whether some exponents are corrected for the number of images, and some are not."""
    return len({one.corrected for one in exponents_of(drawn).values()}) > 1


def meanings_of(drawn: Sequence[ShownCurve]) -> list[Entry]:
    """Return what shades, stars, dashes and marks mean, where there are several."""
    curves = [one.curve for one in drawn]
    entries = [*_layer_entries(drawn), *_shade_entries(curves)]
    if any(c.star and len(c.values) >= c.star > 1 for c in curves):
        star = {"color": style.MUTED, "linestyle": "none", "marker": "*", "markersize": 6}
        entries.append(Entry(f"{SHARE:.0%} of the variance", star))
    if any(curve.line is not None for curve in curves):
        entries.append(Entry("fit, shifted up", {"color": style.MUTED} | FIT))
    if any(curve.seeds > 1 for curve in curves):
        entries.append(Entry("seeds: geom. mean ×/÷ s.d.", style.BAND))
    if set(NOISE_LINES) <= {curve.source for curve in curves}:
        for name, line in zip(("sampled", "exact"), NOISE_LINES.values(), strict=True):
            entries.append(Entry(name, {"color": style.MUTED, "linestyle": line}))
    return [*entries, *_footnotes(drawn)]


def _layer_entries(drawn: Sequence[ShownCurve]) -> list[Entry]:
    layers = layers_of(drawn)
    if len(layers) < 2 or len({one.label for one in drawn}) < 2:
        return []
    return [Entry(layer, of_layer(n)) for n, layer in enumerate(layers)]


def _shade_entries(curves: Sequence[Curve]) -> list[Entry]:
    shades = {c.size: c.strength for c in curves if c.strength < 1}
    sizes = sorted(shades, reverse=True)
    chosen = np.linspace(0, len(sizes) - 1, min(len(sizes), LONGEST_LEGEND)).astype(int)
    strengths = {f"{sizes[i]} units": shades[sizes[i]] for i in chosen}
    strengths = {"most units": 1.0, **strengths} if strengths else {}
    return [Entry(n, {"color": style.shade(style.INK, s)}) for n, s in strengths.items()]


def _footnotes(drawn: Sequence[ShownCurve]) -> list[Entry]:
    """Return which exponents are corrected, and what the dagger is."""
    found = exponents_of(drawn).values()
    notes = []
    if any(x.corrected for x in found):
        notes.append(f"{'*' if is_mixed(drawn) else 'α'} {CORRECTED}")
    several = len(layers_of(drawn)) > 1 and len({one.label for one in drawn}) > 1
    verdicts = dict.fromkeys(x.verdict for x in found if several and x.refuted)
    if verdicts:
        notes.append(f"{DAGGER} {' or '.join(verdicts)}")
    return [Entry(note, BLANK) for note in notes]
