"""Spectra of representations and their exponents."""

from collections.abc import Sequence

import numpy as np
import torch

from specrob.api.files import Model, load_model
from specrob.artifacts import Artifact
from specrob.experiments import dimensions, exponents, spectra
from specrob.experiments.in_memory import Values
from specrob.experiments.representations import RecordedActivations, Representation
from specrob.experiments.run_context import RunContext
from specrob.experiments.smoothness_bound import dimension_of_images
from specrob.results import Array, Dimension, PowerLaw, Spectrum
from specrob.settings.measures import DimensionSettings, SpectrumSettings
from specrob.settings.power_law import PowerLawSettings, Weighting

CPU = torch.device("cpu")


def spectrum(
    model: Model | Values,
    images: Values | None = None,
    *,
    layer: str | Sequence[str] = (),
    sizes: Sequence[int] = (),
    noise: bool = False,
    uncentred: bool = False,
    bootstrap: int = 0,
    seed: int = 0,
    batch_size: int | None = None,
) -> Spectrum:
    """Return the eigenvalues of the covariance of a layer's activations over images.

    Parameters
    ----------
    model : str, Path, nn.Module, callable, LoadedModel, Tensor or ndarray
        A model; or recorded activations, (images, units), or (2, images, units) for two repeats,
        which are cross-validated.
    images : Tensor or ndarray, optional
        As for `load_model`.
    layer : str or sequence of str
        The dotted name of a submodule, or input, hidden, latent, penultimate or logits.
    sizes : sequence of int
        Numbers of units: measure the first N; by default all.
    noise : bool
        Also measure as many white-noise images.
    uncentred : bool
        Also measure the eigenvalues of second moments, without subtracting the means.
    bootstrap : int
        Number of resamplings of the images, for the interval of an exponent.
    seed : int
        Seed of noise and resampling.
    batch_size : int, optional
        Number of images computed at a time.

    Returns
    -------
    Spectrum
        A row, (N,), descending, for each layer, source and size: eigenvalues of the covariance
        with divisor B - 1 for B images, in activation squared.

    Raises
    ------
    ModelError, DataError, UsageError
        If there is no such layer, or the images do not fit.

    Examples
    --------
    >>> spectrum(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 3.0], [0.0, -3.0]])).eigenvalues
    array([[6.        , 0.66666667]])
    """
    shown = _representation(model, images)
    settings = SpectrumSettings(
        layer=_layers(layer),
        sizes=tuple(sizes),
        noise=noise,
        uncentred=uncentred,
        bootstrap=bootstrap,
        cv=shown.n_repeats == 2,
    )
    return spectra.measure_spectra(shown, settings, RunContext(seed, batch_size))


def intrinsic_dimension(
    model: Model | Values,
    images: Values | None = None,
    *,
    layer: str | Sequence[str] = (),
    noise: bool = False,
    discard: float = DimensionSettings.discard,
    seed: int = 0,
    batch_size: int | None = None,
) -> Dimension:
    """Return the intrinsic dimension of a layer's activations over images, by TwoNN, [1]_.

    Parameters
    ----------
    model : str, Path, nn.Module, callable, LoadedModel, Tensor or ndarray
        A model; or recorded activations, (images, units).
    images, layer, noise, seed, batch_size
        As for `spectrum`.
    discard : float, 0 to 0.9
        Share of the largest ratios of distances that is discarded.

    Returns
    -------
    Dimension
        Its `estimates` have dimension, interval, and the bound 1 + 2/d.

    Raises
    ------
    ModelError, DataError, UsageError, MeasureError
        If there is no such layer, the images do not fit, or fewer than 20 are distinct.

    References
    ----------
    .. [1] E. Facco et al., "Estimating the intrinsic dimension of datasets by a minimal
       neighborhood information", Scientific Reports 7, 2017, DOI 10.1038/s41598-017-11873-y.

    Examples
    --------
    >>> square = np.random.default_rng(0).random((1000, 2)) @ np.ones((2, 5)).cumsum(0)
    >>> f"{intrinsic_dimension(square).estimates[0].dimension:.0f}"
    '1'
    """
    settings = DimensionSettings(layer=_layers(layer), noise=noise, discard=discard)
    context = RunContext(seed, batch_size)
    return dimensions.measure_dimensions(_representation(model, images), settings, context)


def _layers(layer: str | Sequence[str]) -> tuple[str, ...]:
    return (layer,) if isinstance(layer, str) else tuple(layer)


def _representation(model: Model | Values, images: Values | None) -> Representation:
    if isinstance(model, torch.Tensor | np.ndarray):
        recorded = Artifact("arrays", {"x": _as_array(model)})
        return RecordedActivations.from_artifact(recorded, limit=None, device=CPU)
    return load_model(model, images)


def _as_array(values: Values) -> Array:
    """Return numbers as numpy has them; it has no bfloat16."""
    if isinstance(values, np.ndarray):
        return values
    own = values.detach().cpu()
    return (own.float() if own.dtype == torch.bfloat16 else own).numpy()


def fit_power_law(
    spectrum: Spectrum,
    window: tuple[int, int] | None = None,
    *,
    noise_window: tuple[int, int] | None = None,
    weighting: Weighting = "none",
    dimension: float | Dimension | None = None,
) -> PowerLaw:
    """Return the exponents of spectra, with bias, interval, null and dimensions.

    Parameters
    ----------
    spectrum : Spectrum
    window : (int, int), optional
        First and last rank, from 1, both included; by default 10 to 500, or to half of the rank.
    noise_window : (int, int), optional
        The same for spectra of noise.
    weighting : {"none", "1/n"}
        Weight of each rank.
    dimension : float or Dimension, optional
        Dimension d of the stimuli, or what `intrinsic_dimension` says of them, for the bound
        1 + 2/d of [1]_.

    Returns
    -------
    PowerLaw
        A fit ``log lambda_n = -alpha log n + c`` by least squares for each spectrum, in `fits`.

    Raises
    ------
    UsageError
        If the text is not a range.
    MeasureError
        If the range lies outside of a spectrum, or nothing can be fitted.

    References
    ----------
    .. [1] C. Stringer et al., "High-dimensional geometry of population responses in visual
       cortex", Nature 571, 2019, DOI 10.1038/s41586-019-1346-5.

    Examples
    --------
    >>> columns = {"source": np.array(["images"]), "layer": np.array(["hidden"])}
    >>> counts = {"size": np.array([100]), "n_images": np.array([0])}
    >>> exact = Spectrum(eigenvalues=np.arange(1.0, 101.0)[None] ** -2, **columns, **counts)
    >>> f"{fit_power_law(exact).fits[0].alpha:.3f}"
    '2.000'
    """
    number, stimuli = (
        (None, dimension_of_images(dimension))
        if isinstance(dimension, Dimension)
        else (dimension, None)
    )
    settings = PowerLawSettings(
        window=window,
        noise_window=noise_window,
        weighting=weighting,
        dimension=number,
    )
    return exponents.fit_spectra(spectrum, settings, stimuli)
