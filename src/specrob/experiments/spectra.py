"""Spectra of representations: of layers for images and for white noise, and across repeats."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from specrob.data import stimulus_dimension
from specrob.errors import DataError, UsageError
from specrob.experiments.initial_network import initial_network
from specrob.experiments.layer_sums import Activations, sum_layers
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.pretrained import INITIAL
from specrob.experiments.representations import (
    INPUT,
    ImageRepresentation,
    RecordedActivations,
    Representation,
)
from specrob.experiments.run_context import RunContext
from specrob.experiments.white_noise import WhiteNoise, exact_noise
from specrob.measures.activation_sums import ActivationSums
from specrob.measures.bootstrap import Replicates, resample
from specrob.measures.cvpca import cv_products, noise_variance, resample_products
from specrob.measures.image_scales import ImageScales
from specrob.measures.randomized_covariance import scales_of
from specrob.measures.second_moments import second_moment_eigenvalues
from specrob.measures.spectrum import LayerSpectrum, gather
from specrob.random import make_generator
from specrob.results import Spectrum
from specrob.settings.measures import UNCENTRED, SourceSettings, SpectrumSettings


def measure_spectra(
    representation: Representation, settings: SpectrumSettings, context: RunContext
) -> Spectrum:
    """Return the spectra of some layers at some sizes: images first, then noise beside each.

    With `null`, those of the untrained network stand behind those of each layer.

    Raises
    ------
    DataError, UsageError
        If `noise` or `null` is set for recorded activations, or `cv` for one repeat.

    Examples
    --------
    >>> from specrob.artifacts import Data
    >>> x = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.0, 0.0]])
    >>> recorded = RecordedActivations(x[None], Data("-", "activations", "", {}))
    >>> measure_spectra(recorded, SpectrumSettings(), RunContext()).eigenvalues
    array([[2. , 0.5]])
    """
    if settings.cv or representation.n_repeats == 2:
        return _cross_validated(representation, settings, context)
    layers = settings.layer or (representation.default_layer,)
    summed = [
        (
            network,
            {
                source: sum_layers(
                    respond,
                    layers,
                    context,
                    n_images=len(representation),
                    keep=settings.bootstrap > 0,
                    batch_size=representation.batch_size,
                )
                for source, respond in sources.items()
            },
        )
        for network, sources in sources_of(representation, settings, context.seed)
    ]
    rows = [
        row
        for layer in layers
        for network, sums in summed
        for row in _of_layer(
            network, layer, {source: sums[source][layer] for source in sums}, settings, context
        )
    ]
    return _with_facts(gather(rows), representation)


def _with_facts(spectrum: Spectrum, representation: Representation) -> Spectrum:
    """Return the spectrum with what was done to the images, and where the weights came from."""
    if not isinstance(representation, ImageRepresentation):
        return spectrum
    transforms = representation.transforms
    return replace(
        spectrum,
        transform=tuple(map(str, transforms)) or None,
        dimension=stimulus_dimension(transforms),
        weights=representation.origin if isinstance(representation, LoadedModel) else None,
    )


def sources_of(
    representation: Representation, settings: SourceSettings, seed: int
) -> list[tuple[Representation, dict[str, Activations]]]:
    """Return each network with functions that give its activations, by the name of the source.

    Each network leaves out the units that never vary for any of its own sources.
    """
    own: dict[str, Activations] = {"images": representation.activations}
    networks = [(representation, own)]
    if settings.noise:
        if not isinstance(representation, ImageRepresentation):
            raise DataError(
                "expected a model for `noise`, found activations; measure them without it"
            )
        noise = WhiteNoise(representation, settings.noise_std, settings.noise_mean, seed)
        own["noise"] = noise.activations
    if settings.null == INITIAL:
        initial = initial_network(representation, seed)
        networks.append((initial, {INITIAL: initial.activations}))
    return networks


def _of_layer(
    representation: Representation,
    layer: str,
    sums: Mapping[str, ActivationSums],
    settings: SpectrumSettings,
    context: RunContext,
) -> list[LayerSpectrum]:
    """Return the spectra of one layer of one network at all sizes, from its sums by source."""
    rows = []
    varying = torch.stack([one.varying() for one in sums.values()]).any(0)
    scales: dict[str, ImageScales] = {}
    for size in settings.sizes or [None]:
        units, dropped = representation.units(layer, varying, size)
        for source, one in sums.items():
            values = one.eigenvalues(units)
            if source not in scales:
                scales[source] = scales_of(one, None if size else values)
            row = LayerSpectrum(
                eigenvalues=values,
                source=source,
                layer=layer,
                size=len(units),
                n_images=one.count,
                dropped=dropped,
                solver=one.solver,
                variance=float(one.variance[units].sum()),
                replicates=_resampled(one, units, scales[source], settings.bootstrap, context),
                scales=scales[source],
            )
            rows.append(row)
            if settings.uncentred and source == "images":
                rows.append(_uncentred(row, one, units))
        if "noise" in sums and isinstance(representation, ImageRepresentation):
            rows += exact_noise(representation, layer, size, settings.noise_std)
    return rows


def _uncentred(row: LayerSpectrum, sums: ActivationSums, units: Tensor) -> LayerSpectrum:
    values = second_moment_eigenvalues(sums, units)
    row = replace(row, source=UNCENTRED, eigenvalues=values, variance=float(values.sum()))
    return replace(row, replicates=None, scales=None)


def _resampled(
    sums: ActivationSums, units: Tensor, scales: ImageScales, replicates: int, context: RunContext
) -> Replicates | None:
    if not replicates:
        return None
    return resample(
        sums.coordinates(units),
        replicates,
        make_generator(context.seed, "bootstrap"),
        scales=torch.from_numpy(scales.values),
        processes=context.processes,
        report=context.report,
    )


def _cross_validated(
    representation: Representation, settings: SpectrumSettings, context: RunContext
) -> Spectrum:
    """Return the spectrum that two repeats share."""
    if not isinstance(representation, RecordedActivations) or representation.n_repeats != 2:
        raise DataError(
            "expected responses `x` (2, images, units) in an NPZ for `cv`, found one repeat; "
            "drop `cv`"
        )
    if not settings.cv:
        raise DataError(
            "expected `x` (images, units), found two repeats; add `cv` to cross-validate them"
        )
    if any((settings.layer, settings.sizes, settings.noise, settings.null, settings.uncentred)):
        raise UsageError(
            "`cv`: expected no `layer`, `sizes`, `noise`, `null` or `uncentred` beside it, found "
            "one; drop it"
        )
    first, second = representation.repeats
    products = cv_products(first, second)
    replicates = None
    if settings.bootstrap:
        generator = make_generator(context.seed, "bootstrap")
        replicates = resample_products(products, settings.bootstrap, generator)
    row = LayerSpectrum(
        eigenvalues=products.sum(0) / (len(first) - 1),
        source="images",
        layer=INPUT,
        size=first.shape[1],
        n_images=len(first),
        dropped=0,
        solver="cvpca",
        replicates=replicates,
        noise_variance=noise_variance(first, second),
    )
    return gather([row])
