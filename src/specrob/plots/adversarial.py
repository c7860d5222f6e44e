"""Perturbed images: a row for each of a few images, a column for each of a few radii.

Letters: ``E`` radii, ``B`` images.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.reading import attack_name

ROWS, COLUMNS = 5, 7
SIDE = 0.85  # inches


def figure(artifacts: Sequence[Artifact], labels: Sequence[str]) -> Figure:
    """Draw the first attacked images at some of the radii, with the class that each is taken for.

    Raises
    ------
    ArtifactError
        If there are several artifacts.
    """
    if len(artifacts) > 1:
        raise ArtifactError(
            f"expected one artifact of perturbed images, found {len(artifacts)}; plot each alone"
        )
    arrays = artifacts[0].arrays
    rows = np.flatnonzero(arrays["prediction"] == arrays["label"])[:ROWS]
    order = np.argsort(arrays["eps"], kind="stable")
    columns = order[np.unique(np.linspace(0, len(order) - 1, COLUMNS).round().astype(int))]
    size = SIDE * max(len(columns), 1), SIDE * max(len(rows), 1) + 0.5
    canvas = style.new_figure(max(size[0] + 0.3, style.SINGLE), size[1])
    panels = canvas.subplots(max(len(rows), 1), len(columns), squeeze=False)
    for row, image in zip(panels, rows, strict=False):
        highest = max(np.nanmax(np.abs(arrays["x"][columns[0], image])), 1e-12)
        for axes, column in zip(row, columns, strict=True):
            _picture(axes, arrays["x"][column, image] / highest)
            found, own = arrays["prediction_adversarial"][column, image], arrays["label"][image]
            fooled = found != own
            colour = style.PALETTE[1] if fooled else style.MUTED
            weight = "bold" if fooled else "normal"
            axes.set_xlabel(
                f"{own} → {found}" if fooled else f"{own}", color=colour, weight=weight
            )
    for axes, column in zip(panels[0], columns, strict=True):
        axes.set_title(f"{arrays['eps'][column]:.3g}")
    if not len(rows):
        for axes in panels.flat:
            axes.set_axis_off()
        style.say(panels[0, len(columns) // 2], "no image was classified correctly")
    method, norm = attack_name(artifacts[0].fields)
    style.write(
        canvas.supxlabel(" ", fontsize=7),
        f"{style.shorten(labels[0])}: {method}, ε ({norm}) above",
    )
    return canvas


def _picture(axes: Axes, image: np.ndarray) -> None:
    axes.set(xticks=[], yticks=[])
    shown = np.clip(np.nan_to_num(image), 0, 1).transpose(1, 2, 0)
    axes.imshow(shown if shown.shape[2] == 3 else shown.mean(2), cmap="gray", vmin=0, vmax=1)
