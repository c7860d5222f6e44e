"""Figures of results."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specrob.plots import draw
from specrob.results import Result
from specrob.settings.plots import PanelSettings

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    *results: Result | Sequence[Result],
    labels: Sequence[str] = (),
    part: str | None = None,
    mixed: bool = False,
) -> "Figure":
    """Return a figure of one or several results of one kind.

    Parameters
    ----------
    *results : results, or sequences of them
        Overlaid; those of a sequence are seeds of one network, drawn as mean and spread. Spectra
        come with the power laws that were fitted to them, if these are given too.
    labels : sequence of str, optional
        What the legend calls each of them.
    part : str, optional
        Which part of the results is drawn, for instance "distance_l2".
    mixed : bool, optional
        Whether attacks on different images may be overlaid.

    Raises
    ------
    ArtifactError
        If the results are of several kinds, or of different images.

    Examples
    --------
    >>> import numpy as np
    >>> from specrob.results import Spectrum
    >>> columns = {"source": np.array(["images"]), "layer": np.array(["hidden"])}
    >>> counts = {"size": np.array([100]), "n_images": np.array([0])}
    >>> exact = Spectrum(eigenvalues=np.arange(1.0, 101.0)[None] ** -2, **columns, **counts)
    >>> len(plot(exact, labels=["exact"]).axes)
    1
    """
    return draw(results, labels, PanelSettings(part=part, mixed=mixed))
