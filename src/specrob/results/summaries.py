"""What is known of a network at each of its images, summarized over them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class JacobianNorms:
    """Frobenius norms of a layer's Jacobians over images, in activation / attacked space.

    Parameters
    ----------
    layer : str
        Name of the layer (``--layer``).
    mean : float, 0 or more
        Mean over the images.
    stderr : float or None, 0 or more
        Standard error of the mean; None for one image.
    median : float, 0 or more
        Median over the images.
    min : float, 0 or more
        Smallest of the images.
    max : float, 0 or more
        Largest of the images.
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

    Parameters
    ----------
    name : str
        What it is: `jacobian_norm`, `spectral_norm`, `margin`, `margin_over_jacobian_norm`,
        `margin_over_spectral_norm`, `linear_distance` or `certified_distance`, as in
        local-smoothness.
    n : int, 0 or more
        Number of images: those that are classified correctly, and attacked where distances are
        known.
    median : float or None
        Median over these images, in the unit of local-smoothness; None where it is infinite, or
        there are no images.
    low, high : float or None
        95% interval of `median`, from `low` to `high`; None where an end is infinite, or there are
        no images.
    correlation : float or None, -1 to 1
        Spearman's rank correlation with the distances over these images, of which one that nothing
        fooled is further than all others; None without distances, for fewer than two images, and
        where one of both does not vary.
    correlation_low, correlation_high : float or None, -1 to 1
        95% interval of `correlation` over resampled images, from `correlation_low` to
        `correlation_high`; None without it, and for fewer than six images.
    """

    name: str
    n: int
    median: float | None
    low: float | None
    high: float | None
    correlation: float | None = None
    correlation_low: float | None = None
    correlation_high: float | None = None
