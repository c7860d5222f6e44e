"""How the networks and layers of a figure look: colour, marker and dash.

The colour is the network; markers and dashes tell apart what is of one colour, and repeat the
distinction for readers who do not see hues and for printers.
"""

from specrob.plots.style import DASHES, MARKERS, MUTED, PALETTE, Look

SHIFT = 3  # markers by which further rounds of colours are moved
FILLS = ("full", "none", "left", "right", "bottom", "top")


def look_of(place: int, layer: int | None = None) -> Look:
    """Return colour, marker and dash of the n-th network, or of one of its layers.

    Twenty-eight networks look different in grey, too. Beyond seven, colours come again with
    hollow markers, then with other markers. Layers have markers and dashes of their own, which
    are filled differently for different networks.

    >>> look_of(0)["color"] == look_of(7)["color"], look_of(0) == look_of(7)
    (True, False)
    >>> look_of(1, layer=0)["marker"], look_of(2, layer=0)["marker"]
    ('o', 'o')
    """
    turn, colour = divmod(place, len(PALETTE))
    if layer is not None:
        fill = FILLS[colour % len(FILLS)]
        own = {"fillstyle": fill, "markerfacecoloralt": "white"}
        return _look(colour, layer + SHIFT * turn, layer) | own
    hollow = {"markerfacecolor": "white"} if turn % 2 else {}
    return _look(colour, colour + SHIFT * (turn // 2), colour + turn) | hollow


def _look(colour: int, marker: int, dash: int) -> Look:
    return {
        "color": PALETTE[colour],
        "marker": MARKERS[marker % len(MARKERS)],
        "linestyle": DASHES[dash % len(DASHES)],
    }


def of_layer(layer: int) -> Look:
    """Return the marker and dash of the n-th layer, in the colour of legends.

    >>> of_layer(0)["marker"] == look_of(3, layer=0)["marker"]
    True
    """
    return look_of(0, layer) | {"color": MUTED}


def edge(look: Look) -> Look:
    """Return the white edge of a marker that lies on others; one not filled has its colour.

    >>> edge(look_of(0)), edge(look_of(7))
    ({'markeredgecolor': 'white'}, {})
    """
    return {} if {"markerfacecolor", "fillstyle"} & look.keys() else {"markeredgecolor": "white"}
