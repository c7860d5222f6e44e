"""Radii within which networks are proved to keep the labels of images."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from specrob.results.record import Array, Axes, Result

if TYPE_CHECKING:
    from specrob.censored_median import Median


@dataclass(frozen=True, kw_only=True)
class CertifiedDistances(Result):
    """A lower bound of the critical distance of every image, beside what an attack found.

    `upper` is there where a file of critical distances was given: inf where nothing fooled.

    Parameters
    ----------
    norm : str
        Norm of the perturbations (``--norm``): l1, l2 or linf.
    bounds : str
        Range of perturbed pixels (``--bounds``): ``none``, ``valid`` or ``LO:HI``, as of attacks.
    upper_by : str or None
        Attack, with its settings, that found `upper`; None without `upper`.
    steps : int or None, 0 or more
        Steps that improve the linear bounds at every radius (``--steps``).
    radii : int or None, 2 or more
        Largest number of radii tried for an image (``--radii``).
    tolerance : float or None, above 0
        Relative tolerance of the radius (``--tolerance``).
    rounding : str or None
        How round-off of float32 is taken to add up (``--rounding``): ``independent`` or ``worst``.
    normalize : str or None
        How the network normalizes images (``--normalize``), as in a model.
    selection : str or None
        SHA-256 of which images were used: of their split, of their positions in it, and of what
        was done to their pixels.
    attacked : str or None
        SHA-256, as `selection`, of the images that are classified correctly.
    warnings : tuple of str or None
        What keeps `lower` and `upper` from being of the same perturbations; None where nothing
        does.
    """

    kind = "bounds"
    format = "npz"
    maker = "certify"
    rows = "B"
    together = (("upper", "upper_by"),)

    norm: str
    bounds: str
    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    label: Annotated[Array, Axes("B", "true class", dtype="iu")]
    prediction: Annotated[Array, Axes("B", "class of the largest logit", dtype="iu")]
    status: Annotated[Array, Axes("B", "certified, uncertified or misclassified", dtype="U")]
    lower: Annotated[
        Array,
        Axes(
            "B",
            "no label changes within it; 0 where nothing was proved, NaN where misclassified",
            "attacked space, in the norm",
        ),
    ]
    lower_l2: Annotated[Array, Axes("B", "the same in L2", "attacked space, L2")]
    upper: Annotated[
        Array | None,
        Axes("B", "critical distance under an attack", "attacked space, in the norm"),
    ] = None
    upper_by: str | None = None
    steps: int | None = None
    radii: int | None = None
    tolerance: float | None = None
    rounding: str | None = None
    normalize: str | None = None
    selection: str | None = None
    attacked: str | None = None
    warnings: tuple[str, ...] | None = None

    def median(self) -> "Median":
        """Return the median of what is proved, with its 95% interval, of images that are right.

        >>> import numpy as np
        >>> index, status = np.arange(3), np.array(["certified", "certified", "misclassified"])
        >>> facts = {"norm": "l2", "bounds": "none", "index": index, "status": status}
        >>> facts |= {"label": index, "prediction": index}
        >>> lower = np.array([0.5, 1.0, np.nan])
        >>> CertifiedDistances(lower=lower, lower_l2=lower, **facts).median().value
        0.5
        """
        from specrob.censored_median import median_distance

        return median_distance(self.lower, self.lower)
