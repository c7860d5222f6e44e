"""Landscapes, sensitivities, and norms of Jacobians."""

from dataclasses import dataclass
from typing import Annotated

from specrob.results.record import Array, Axes, Result


@dataclass(frozen=True, kw_only=True)
class Landscape(Result):
    """Maps on a plane; point [i, j] is ``image + u[j] directions[0] + v[i] directions[1]``."""

    kind = "landscape"
    format = "npz"
    maker = "landscape"
    rows = "V U"

    label: Annotated[Array, Axes("V U", "class of the largest logit", dtype="iu")]
    confidence: Annotated[Array, Axes("V U", "softmax probability of the label, 0 to 1")]
    jacobian_norm: Annotated[
        Array, Axes("V U", "Frobenius norm of the Jacobian", "activation / attacked space")
    ]
    u: Annotated[Array, Axes("U", "", "attacked space", finite=True)]
    v: Annotated[Array, Axes("V", "", "attacked space", finite=True)]
    directions: Annotated[Array, Axes("2 D", "orthonormal", finite=True)]
    index: Annotated[Array, Axes("", "position of the image in its split", dtype="iu")]
    of: str | None = None
    normalize: str | None = None
    image_label: int | None = None  # the image's true class; results of 0.3 and before have none
    image_prediction: int | None = None  # the class that the network takes it for
    # Jacobian norm at the image itself, activation / attacked space; None in results before 0.11.1
    image_jacobian_norm: float | None = None


@dataclass(frozen=True, kw_only=True)
class Sensitivity(Result):
    """Derivatives of eigenvalues with respect to pixels."""

    kind = "sensitivity"
    format = "npz"
    maker = "sensitivity"
    rows = "R B C H W"

    maps: Annotated[
        Array, Axes("R B C H W", "", "activation squared / attacked space", finite=True)
    ]
    ranks: Annotated[Array, Axes("R", "1-based", dtype="iu")]
    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    images: Annotated[Array | None, Axes("B C H W", "", "attacked space", finite=True)] = None
    of: str | None = None
    normalize: str | None = None


@dataclass(frozen=True, kw_only=True)
class JacobianNorms:
    """Frobenius norms of a layer's Jacobians over images, in activation / attacked space.

    The standard error of the mean is None for one image.
    """

    layer: str
    mean: float
    stderr: float | None
    median: float
    min: float
    max: float


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """What may predict an image's critical distance: its median, and how well it ranks them.

    Both are over the `n` images that are classified correctly, and attacked where distances are
    known. The correlation is Spearman's; it is None without distances, and where one of both does
    not vary. Intervals are of 95%; an end that is infinite is None.
    """

    name: str
    n: int
    median: float | None
    low: float | None
    high: float | None
    correlation: float | None = None
    correlation_low: float | None = None
    correlation_high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Smoothness(Result):
    """Norms of the first linear map, and of the Jacobians of some layers over images.

    `distance_by` names the attack whose distances `predictors` are correlated with.
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
    """

    kind = "local-smoothness"
    format = "npz"
    maker = "smoothness --save"
    rows = "B"
    together = (("distance", "distance_by"),)

    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    label: Annotated[Array, Axes("B", dtype="iu")]
    prediction: Annotated[Array, Axes("B", dtype="iu")]
    jacobian_norm: Annotated[Array, Axes("B", "Frobenius norm", "logit / attacked space")]
    spectral_norm: Annotated[Array, Axes("B", "largest singular value", "logit / attacked space")]
    margin: Annotated[Array, Axes("B", "the label's logit minus the highest other", "logit")]
    margin_over_jacobian_norm: Annotated[Array, Axes("B", "", "attacked space")]
    margin_over_spectral_norm: Annotated[Array, Axes("B", "", "attacked space")]
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
