"""Spectra, and the power laws fitted to them."""

from dataclasses import dataclass
from typing import Annotated

from specrob.results.fits import Fit
from specrob.results.record import Array, Axes, Result


@dataclass(frozen=True, kw_only=True)
class Spectrum(Result):
    """Eigenvalues of the covariance of representations, one row a spectrum.

    Parameters
    ----------
    transform : tuple of str or None
        What was done to the pixels (``--transform``), in order, with the seed of what is random;
        None where nothing was, or activations were recorded.
    dimension : int or None
        Number of dimensions of the images, where a projection ``pca:K`` limits it.
    weights : str or None
        Name or file of the weights (``--weights``), or ``initial``; None where they are those of a
        model file, or activations were recorded.
    """

    kind = "spectrum"
    format = "npz"
    maker = "spectrum"
    rows = "S N"

    eigenvalues: Annotated[
        Array, Axes("S N", "descending, padded with NaN", "activation squared", finite=True)
    ]
    source: Annotated[
        Array, Axes("S", "images, uncentred, initial, noise or noise-exact", dtype="U")
    ]
    size: Annotated[Array, Axes("S", "number of units", dtype="iu")]
    layer: Annotated[Array, Axes("S", "name of the layer", dtype="U")]
    n_images: Annotated[Array, Axes("S", "number of images; 0 for exact spectra", dtype="iu")]
    dropped: Annotated[Array | None, Axes("S", "units that never vary, left out")] = None
    solver: Annotated[
        Array | None, Axes("S", "covariance, gram, randomized, weights or cvpca", dtype="U")
    ] = None
    variance: Annotated[
        Array | None, Axes("S", "total variance", "activation squared", finite=True)
    ] = None
    noise_variance: Annotated[
        Array | None,
        Axes("S", "variance of the noise of one repeat", "activation squared", finite=True),
    ] = None
    own_spread: Annotated[
        Array | None,
        Axes(
            "S", "variance of a squared activation without scales, over a Gaussian's", finite=True
        ),
    ] = None
    image_scale: Annotated[
        Array | None, Axes("S I", "scale of each image, of mean 1", finite=True)
    ] = None
    scale_error: Annotated[
        Array | None, Axes("S", "standard error of the mean squared scale", finite=True)
    ] = None
    bootstrap: Annotated[
        Array | None,
        Axes("S R N", "eigenvalues of resampled images", "activation squared", finite=True),
    ] = None
    bootstrap_scale: Annotated[
        Array | None, Axes("S R 3", "moments of the resampled images' scales", finite=True)
    ] = None
    transform: tuple[str, ...] | None = None
    dimension: int | None = None
    weights: str | None = None


@dataclass(frozen=True, kw_only=True)
class PowerLaw(Result):
    """Power laws fitted to the spectra of one file.

    Parameters
    ----------
    fits : tuple of Fit
        A fit for each spectrum of the file, in their order, or for those of some layers
        (``--layer``).
    """

    kind = "power-law"
    format = "json"
    maker = "fit-alpha"
    parallel = ("fits",)

    fits: tuple[Fit, ...]
