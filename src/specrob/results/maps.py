"""Landscapes, sensitivities, and norms of Jacobians."""

from dataclasses import dataclass
from typing import Annotated

from specrob.results.record import Array, Axes, Result
from specrob.results.summaries import JacobianNorms, Predictor


@dataclass(frozen=True, kw_only=True)
class Landscape(Result):
    """Maps on a plane; point [i, j] is ``image + u[j] directions[0] + v[i] directions[1]``.

    Parameters
    ----------
    of : str or None
        Layer of the Jacobian (``--layer``).
    normalize : str or None
        How the network normalizes images (``--normalize``), as in a model.
    image_label : int or None, 0 or more
        True class of the image; None where it is not known, and in results of 0.3 and before.
    image_prediction : int or None, 0 or more
        Class for which the network takes the image; None in results of 0.3 and before.
    image_jacobian_norm : float or None, 0 or more, activation / attacked space
        Frobenius norm of the Jacobian at the image itself; None in results before 0.11.1.
    """

    kind = "landscape"
    format = "npz"
    maker = "landscape"
    rows = "V U"

    label: Annotated[Array, Axes("V U", "class of the largest logit", dtype="iu")]
    confidence: Annotated[Array, Axes("V U", "softmax probability of the label, 0 to 1")]
    jacobian_norm: Annotated[
        Array, Axes("V U", "Frobenius norm of the Jacobian", "activation / attacked space")
    ]
    u: Annotated[Array, Axes("U", "places along directions[0]", "attacked space", finite=True)]
    v: Annotated[Array, Axes("V", "places along directions[1]", "attacked space", finite=True)]
    directions: Annotated[Array, Axes("2 D", "orthonormal", finite=True)]
    index: Annotated[Array, Axes("", "position of the image in its split", dtype="iu")]
    of: str | None = None
    normalize: str | None = None
    image_label: int | None = None
    image_prediction: int | None = None
    image_jacobian_norm: float | None = None


@dataclass(frozen=True, kw_only=True)
class Sensitivity(Result):
    """Derivatives of eigenvalues with respect to pixels.

    Parameters
    ----------
    of : str or None
        Layer whose covariance has the eigenvalues (``--layer``).
    normalize : str or None
        How the network normalizes images (``--normalize``), as in a model.
    """

    kind = "sensitivity"
    format = "npz"
    maker = "sensitivity"
    rows = "R B C H W"

    maps: Annotated[
        Array, Axes("R B C H W", "derivatives", "activation squared / attacked space", finite=True)
    ]
    ranks: Annotated[Array, Axes("R", "1-based", dtype="iu")]
    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    images: Annotated[
        Array | None, Axes("B C H W", "the images", "attacked space", finite=True)
    ] = None
    of: str | None = None
    normalize: str | None = None


@dataclass(frozen=True, kw_only=True)
class Smoothness(Result):
    """Norms of the first linear map, and of the Jacobians of some layers over images.

    Parameters
    ----------
    spectral_norm : float or None, 0 or more, activation / attacked space
        Largest singular value of the linear map, or convolution, from the image to the layer
        hidden; None where its matrix has more than 2^27 entries.
    frobenius_norm : float or None, 0 or more, activation / attacked space
        Frobenius norm of the same matrix; None where `spectral_norm` is.
    n_images : int, 1 or more
        Number of images.
    jacobian : tuple of JacobianNorms
        Norms of each layer that was asked for (``--layer``).
    normalize : str or None
        How the network normalizes images (``--normalize``), as in a model.
    predictors : tuple of Predictor or None
        What may predict critical distances; None where neither ``--distances`` nor ``--save``
        asked for it.
    distance_by : str or None
        Attack, with its settings, of the distances (``--distances``); None without them.
    """

    kind = "smoothness"
    format = "json"
    maker = "smoothness"
    parallel = ("jacobian",)

    spectral_norm: float | None
    frobenius_norm: float | None
    n_images: int
    jacobian: tuple[JacobianNorms, ...]
    normalize: str | None = None
    predictors: tuple[Predictor, ...] | None = None
    distance_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class LocalSmoothness(Result):
    """How fast the logits change at every image, beside its critical distance where it is known.

    Jacobians are those of the logits; the linear distance is in L2.

    Parameters
    ----------
    distance_by : str or None
        Attack, with its settings, of the distances (``--distances``); None without them.
    normalize : str or None
        How the network normalizes images (``--normalize``), as in a model.
    """

    kind = "local-smoothness"
    format = "npz"
    maker = "smoothness --save"
    rows = "B"
    together = (("distance", "distance_by"),)

    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    label: Annotated[Array, Axes("B", "true class", dtype="iu")]
    prediction: Annotated[Array, Axes("B", "class of the largest logit", dtype="iu")]
    jacobian_norm: Annotated[Array, Axes("B", "Frobenius norm", "logit / attacked space")]
    spectral_norm: Annotated[Array, Axes("B", "largest singular value", "logit / attacked space")]
    margin: Annotated[Array, Axes("B", "the label's logit minus the highest other", "logit")]
    margin_over_jacobian_norm: Annotated[
        Array, Axes("B", "margin / jacobian_norm; inf where that is 0", "attacked space")
    ]
    margin_over_spectral_norm: Annotated[
        Array, Axes("B", "margin / spectral_norm; inf where that is 0", "attacked space")
    ]
    linear_distance: Annotated[
        Array, Axes("B", "to the boundary if logits were linear", "attacked space, L2")
    ]
    certified_distance: Annotated[
        Array | None, Axes("B", "NaN where misclassified", "attacked space, in the norm")
    ] = None
    distance: Annotated[
        Array | None,
        Axes("B", "inf where nothing fooled, NaN where misclassified", "attacked space"),
    ] = None
    distance_by: str | None = None
    normalize: str | None = None
