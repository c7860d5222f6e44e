"""Spectra, and the power laws fitted to them."""

from dataclasses import dataclass
from typing import Annotated

from specrob.results.record import Array, Axes, Record, Result, recorded


@dataclass(frozen=True, kw_only=True)
class Spectrum(Result):
    """Eigenvalues of the covariance of representations, one row a spectrum."""

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
class AlphaMap:
    """The exponent over first and last rank; None where the range is too short."""

    ranks: tuple[int, ...]
    alpha: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Fit(Record):
    """A power law fitted to one spectrum, its errors, and the dimensions of the spectrum.

    `specrob.measures.uncertainty.Uncertainty` says what the errors are.
    """

    together = (
        ("n_points", "density_exponent", "ci_from"),
        ("sampling_stderr", "alpha_corrected", "bias", "bend", "power_law"),
    )

    source: str
    size: int
    layer: str
    n_images: int = 0
    alpha: float | None
    stderr: float | None = recorded()
    r2: float | None = recorded()
    intercept: float | None = recorded()
    range: tuple[int, int]
    n_points: int | None = None
    weighting: str | None = None
    null_alpha: float | None = recorded()
    rank: int | None = None
    reaches_end: bool | None = None
    bootstrap_reason: str | None = None
    range_reason: str | None = None
    reason: str | None = None
    alpha_corrected: float | None = None
    ci: tuple[float, float] | None = recorded()
    ci_reason: str | None = None
    bias: float | None = None
    biased: bool | None = None
    sampling_stderr: float | None = None
    bend: float | None = None
    bend_stderr: float | None = None
    power_law: bool | None = None
    ci_from: str | None = None
    density_exponent: float | None = None
    participation_ratio: float | None = recorded()
    participation_ratio_corrected: float | None = recorded()
    rank_90: int | None = recorded()
    rankme: float | None = recorded()
    dimension: float | None = None
    dimension_ci: tuple[float, float] | None = None
    bound: float | None = None
    bound_ci: tuple[float, float] | None = None
    map: AlphaMap | None = None

    def __post_init__(self) -> None:
        if self.alpha is None and self.reason is None:
            raise ValueError("a fit without alpha and without a reason")
        if self.alpha is not None and self.stderr is None:
            raise ValueError("a fit with alpha and without stderr")

    @property
    def is_corrected(self) -> bool:
        """Whether the exponent corrected for few images has an interval, and is then shown.

        >>> facts = {"source": "images", "layer": "x", "size": 9, "range": (1, 9)}
        >>> Fit(alpha=1.0, stderr=0.1, alpha_corrected=1.1, ci=(0.9, 1.3), **facts).is_corrected
        True
        """
        return self.ci is not None and self.alpha_corrected is not None


@dataclass(frozen=True, kw_only=True)
class PowerLaw(Result):
    """Power laws fitted to the spectra of one file."""

    kind = "power-law"
    format = "json"
    maker = "fit-alpha"
    parallel = ("fits",)

    fits: tuple[Fit, ...]
