"""Single images, with the class below each.

Letters: ``C, H, W`` an image.
"""

import numpy as np
from matplotlib.axes import Axes

from specrob.plots import style

LONGEST = 15  # letters below a picture, which is narrow


def draw_image(axes: Axes, image: style.Array) -> None:
    """Draw an image, (C, H, W), 0 to 1, in colours where it has three channels.

    >>> axes = style.new_figure(1.0, 1.0).subplots()
    >>> draw_image(axes, np.zeros((3, 2, 2)))
    >>> axes.images[0].get_array().shape
    (2, 2, 3)
    """
    shown = np.clip(np.nan_to_num(image), 0, 1).transpose(1, 2, 0)
    axes.imshow(shown if shown.shape[2] == 3 else shown.mean(2), cmap="gray", vmin=0, vmax=1)


def name_classes(axes: Axes, label: int, other: int) -> None:
    """Write the class below an image, and in colour the other one that it has instead.

    >>> axes = style.new_figure(1.0, 1.0).subplots()
    >>> name_classes(axes, 3, 5)
    >>> axes.texts[0].get_text()
    '3 → 5'
    """
    words = f"{label} → {other}" if other != label else f"{label}"
    text = axes.text(0.5, -0.05, style.shorten(words, LONGEST))
    text.set(transform=axes.transAxes, ha="center", va="top", fontsize=style.points(6.5))
    text.set_color(style.PALETTE[1] if other != label else style.MUTED)
