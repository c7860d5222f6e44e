"""A power law fitted to one spectrum, with its errors and the dimensions of the spectrum."""

from dataclasses import dataclass

from specrob.results.record import Record, recorded


@dataclass(frozen=True, kw_only=True)
class AlphaMap:
    """The exponent over first and last rank.

    Parameters
    ----------
    ranks : tuple of int
        At most 24 ranks, from 1 to the last eigenvalue above round-off, evenly spaced in log n.
    alpha : tuple of tuple of float or None
        Row i, column j is the exponent fitted over ``ranks[i]`` to ``ranks[j]``; None where that
        is fewer than 10 ranks.
    """

    ranks: tuple[int, ...]
    alpha: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Fit(Record):
    """A power law fitted to one spectrum, its errors, and the dimensions of the spectrum.

    Exponents, their errors and dimensions have no unit. `specrob.measures.uncertainty` says how
    errors are estimated.

    Parameters
    ----------
    source : str
        What responded: ``images``, ``uncentred``, ``initial``, ``noise`` or ``noise-exact``, as in
        the spectrum.
    size : int
        Number of units.
    layer : str
        Name of the layer.
    n_images : int
        Number of images; 0 for an exact spectrum.
    alpha : float or None
        Exponent of ``lambda_n ~ n^-alpha`` by least squares of log lambda on log n, positive where
        the spectrum falls; None where it could not be fitted, see `reason`.
    stderr : float or None, 0 or more
        Standard error of the regression: how straight the line is, not an error over images; None
        without alpha.
    r2 : float or None, up to 1
        Share of the weighted variance of log lambda that the line explains; None without alpha.
    intercept : float or None
        Natural logarithm of the fitted first eigenvalue, whose unit is activation squared; None
        without alpha.
    range : tuple of int
        First and last rank of the fit, from 1, both included (``--range``, ``--noise-range``).
    n_points : int or None, 10 or more
        Number of ranks in the range; None without alpha.
    weighting : str or None
        Weight of each rank (``--weighting``): ``none`` or ``1/n``.
    null_alpha : float or None
        Exponent that white noise of as many images and units shows over the range, by the law of
        Marchenko and Pastur; None for exact and cross-validated spectra, for a range that ends
        past the number of units or of images less 1, and without alpha.
    rank : int or None
        Number of leading eigenvalues above round-off, ``N * 2.2e-16 * lambda_1`` for N units; None
        without alpha.
    reaches_end : bool or None
        Whether the range goes past the first half of `rank`, where the end of the layer may curve
        the spectrum; None without alpha.
    bootstrap_reason : str or None
        Why errors are not from the resampled images although there are some; None where they are,
        or there are none.
    range_reason : str or None
        Why the range ends before the default last rank: resampled images have fewer eigenvalues;
        None where it does not.
    reason : str or None
        Why there is no alpha; None where there is one.
    alpha_corrected : float or None
        alpha less `bias`: the exponent of the population of images; None where that is unknown.
    ci : tuple of float or None
        95% interval of the exponent over samples of images, around `alpha_corrected`; None where
        there is none, see `ci_reason`.
    ci_reason : str or None
        Why there is no interval, also that the spectrum is exact; None where there is one, and
        without alpha.
    bias : float or None
        How far the finite sample moves alpha; 0 for an exact spectrum; None where it is unknown.
    biased : bool or None
        Whether the bias exceeds half of `sampling_stderr`; True where too few images leave it
        unknown; None where it was not estimated.
    sampling_stderr : float or None, 0 or more
        Standard error of `alpha_corrected` over samples of images, where that is unknown a rough
        one of alpha; 0 for an exact spectrum; None where it was not estimated.
    bend : float or None
        Change of the local exponent from the first to the last rank, corrected for its bias; None
        where the bias is unknown.
    bend_stderr : float or None, 0 or more
        Standard error of `bend` over samples of images; 0 for an exact spectrum; None where it was
        not estimated.
    power_law : bool or None
        Whether the spectrum is a power law over the range: False where `bend` exceeds a tenth of
        `alpha_corrected` and three standard errors; None where too few images leave it open.
    ci_from : str or None
        What the error of the interval is from: ``model``, or ``bootstrap`` of resampled images;
        None without an interval.
    density_exponent : float or None, above 1
        Exponent ``1 + 1/alpha`` of the density of eigenvalues; None where alpha is not positive.
    participation_ratio : float or None, 1 to `size`
        ``(sum lambda)^2 / sum lambda^2`` of all eigenvalues; None where only some are known
        (solver randomized), or all are 0.
    participation_ratio_corrected : float or None
        The same of the population behind a sample, for Gaussian activations; None where
        `participation_ratio` is, below 20 images, for cross-validated eigenvalues, or where the
        estimate fails.
    rank_90 : int or None, 1 to `size`
        Fewest leading eigenvalues that hold 90% of the variance; None where `participation_ratio`
        is.
    rankme : float or None, 1 to `size`
        RankMe: exponential of the entropy of ``sqrt(lambda) / sum sqrt(lambda)``; None where
        `participation_ratio` is.
    dimension : float or None
        Dimension d of the stimuli: that of ``--dimension``, or K of the transform ``pca:K``; None
        where it is unknown, and for noise.
    dimension_ci : tuple of float or None
        95% interval of `dimension`; None where it is no estimate.
    bound : float or None, above 1
        ``1 + 2/d``, above which the asymptotic exponent of a smooth code lies; None without d.
    bound_ci : tuple of float or None
        95% interval of `bound`; None where d is no estimate.
    map : AlphaMap or None
        The exponent over every range (``--map``); None where it was not asked for.
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
