"""One exponent for one network: in the legend of spectra and in the figure of exponents."""

from dataclasses import replace

import pytest
from made import CORRECTED, fitted, legends, spectrum, texts
from test_looks import layered

from specrob.artifacts import Artifact, Provenance, Source
from specrob.plots import draw


def known(one, alpha=1.5, **facts):
    """Return the power law of a spectrum with more facts of each fit."""
    law = fitted(one, alpha)
    fits = [{**fit, **facts} for fit in law.fields["fits"]]
    return Artifact("power-law", {}, {"fits": fits}, law.provenance)


BETTER = {**CORRECTED, "alpha_corrected": 1.75, "ci": [1.7, 1.8]}


@pytest.mark.parametrize(
    ("facts", "name", "middle"),
    [
        ({}, "kh, α 1.50", 1.5),
        (BETTER, "kh, α 1.75", 1.75),
        ({**BETTER, "ci": None}, "kh, α 1.50", 1.5),  # whose error is not known
        ({**BETTER, "power_law": False}, "kh, α 1.75, no power law", 1.75),
    ],
)
def test_figures_show_the_same_exponent(facts, name, middle):
    one = spectrum(sizes=(50,), sources=("images",))
    figure = draw([one, known(one, **facts)], ["kh", ""])
    (said,) = legends(figure)
    assert said[0] == name
    assert ("α bias-corrected" in said) == (middle == 1.75)
    rows = draw([known(one, **facts)], ["kh"])
    assert middle in [x.get_xdata()[0] for x in rows.axes[0].lines if x.get_markersize() == 4]
    heading = " ".join(texts(rows))
    assert ("corrected" in heading) == (middle == 1.75)
    assert ("no power law" in heading) == ("no power law" in name)


def test_corrected_and_plain_exponents_are_told_apart():
    one, other = spectrum(sizes=(50,), sources=("images",)), spectrum(1.0, (50,), ("images",))
    laws = known(one, **BETTER), known(other, 1.0)
    (said,) = legends(draw([one, laws[0], other, laws[1]], ["kh", "", "bp", ""]))
    assert said[:2] == ["kh, α 1.75*", "bp, α 1.00"]
    assert "* bias-corrected" in said
    names = [t.get_text() for t in draw(laws, ["kh", "bp"]).axes[0].get_yticklabels()]
    assert names == ["kh, corrected", "bp, as fitted"]


def test_exponents_of_layers_are_in_the_order_of_the_layers():
    both = layered(), layered(alpha=2.0)
    laws = [known(one, power_law=False, **{k: v for k, v in CORRECTED.items() if k != "power_law"})
            for one in both]  # fmt: skip
    (said,) = legends(draw([both[0], laws[0], both[1], laws[1]], ["kh", "", "bp", ""]))
    assert said[0] == "kh, α 1.50†, 1.50†, 1.50†"
    assert "† no power law" in said


def test_a_mark_of_seeds_says_of_how_many_the_spectrum_is_no_power_law():
    kh, bp = (
        [layered(alpha=a) for a in (1.4, 1.5, 1.6)],
        [layered(alpha=a) for a in (2.0, 2.1, 2.2)],
    )
    tested = {k: v for k, v in CORRECTED.items() if k != "power_law"}
    verdicts = (False, False, True)
    laws = [known(x, power_law=v, **tested) for x, v in zip(kh, verdicts, strict=True)]
    rest = [known(x, power_law=True, **tested) for x in bp]
    (said,) = legends(draw([kh, laws, bp, rest], ["kh", "", "bp", ""]))
    assert "† no power law in 2 of 3" in said
    assert "†" in said[0] and "†" not in said[1]


def test_lines_of_many_fits_are_left_out():
    def lines(artifacts):
        figure = draw(artifacts, ["a", "a", "b", "b"][: len(artifacts)])
        return sum(len(x.get_xdata()) == 2 for x in figure.axes[0].lines)

    one, other = layered(), layered(alpha=2.0)
    assert lines([one, fitted(one)]) == 3
    assert lines([one, fitted(one), other, fitted(other)]) == 0


def test_a_known_dimension_marks_the_bound():
    law = known(spectrum(sizes=(50,), sources=("images",)), dimension=8.0, bound=1.25)
    figure = draw([law], ["kh"])
    assert 1.25 in [line.get_xdata()[0] for line in figure.axes[0].lines]
    assert "1 + 2/d for images of dimension d" in texts(figure)


def test_exponents_may_share_a_file_of_the_dimension():
    both = [spectrum(alpha, (50,), ("images",)) for alpha in (1.0, 2.0)]
    laws = [known(one, alpha) for one, alpha in zip(both, (1.0, 2.0), strict=True)]
    shared = Source("d.json", "dimension", "d", Provenance())
    laws = [
        replace(law, provenance=replace(law.provenance, inputs=(*law.provenance.inputs, shared)))
        for law in laws
    ]
    (said,) = legends(draw([both[0], laws[0], both[1], laws[1]], ["kh", "", "bp", ""]))
    assert said[:2] == ["kh, α 1.00", "bp, α 2.00"]
