"""Spectra of a network's layers, for its images and for white noise."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from specrob.data import TransformSpec, normalize_, stimulus_dimension
from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.errors import DataError, UsageError
from specrob.experiments.loading import REPEATS, LoadedModel
from specrob.linalg import symmetric_eigenvalues
from specrob.measures.bootstrap import resample
from specrob.measures.covariance import Covariance
from specrob.measures.cvpca import cv_products, noise_variance, resample_products
from specrob.measures.image_scales import ImageScales
from specrob.measures.randomized import RandomizedEigenvalues, accumulator, scales_of
from specrob.measures.spectrum import Row, Spectrum, centred_patch, gather
from specrob.models import activations, architecture_of
from specrob.models.layers import linear_maps
from specrob.progress import Report, silent
from specrob.random import make_generator, normals


@dataclass(frozen=True)
class Wanted:
    """Which spectra are measured.

    Parameters
    ----------
    layers : sequence of str
        By default the layer that the papers measure.
    sizes : sequence of int
        Numbers of first units (for images: of pixels in a centred square); by default all.
    noise : bool
        Whether as many images of white noise are measured too.
    noise_std, noise_mean : float, pixel units, before the network's own normalization
    bootstrap : int
        How often the images are resampled.
    cv : bool
        Whether two repeats of the responses are cross-validated.
    """

    layers: Sequence[str] = ()
    sizes: Sequence[int] = ()
    noise: bool = False
    noise_std: float = 1.0
    noise_mean: float = 0.0
    bootstrap: int = 0
    cv: bool = False

    @classmethod
    def of(cls, layer: list[str] | None, sizes: Sequence[int] | None, **given: Any) -> "Wanted":
        """Return what command-line options want."""
        return cls(tuple(layer or ()), tuple(sizes or ()), **given)


def measure_spectra(
    subject: LoadedModel,
    wanted: Wanted,
    *,
    seed: int = 0,
    batch_size: int = 1000,
    processes: Processes = SINGLE_PROCESS,
    report: Report = silent,
) -> Spectrum:
    """Return the spectra of some layers at some sizes: images first, then noise beside each.

    >>> from specrob.artifacts import Artifact
    >>> from specrob.experiments.loading import load_model
    >>> from specrob.experiments.image_request import ImageSettings
    >>> x = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.0, 0.0]]).numpy()
    >>> given = Artifact("arrays", {"x": x})
    >>> subject = load_model(given, ImageSettings(), arch=None, device=torch.device("cpu"))
    >>> measure_spectra(subject, Wanted()).eigenvalues
    array([[2. , 0.5]])
    """
    if wanted.cv or subject.network.arch == REPEATS:
        return _cross_validated(subject, wanted, make_generator(seed, "bootstrap"))
    layers = wanted.layers or (default_layer(subject),)
    if wanted.noise and subject.network.arch == "activations":
        raise DataError("expected a model for --noise, found activations; measure them without it")
    kinds = {"images": lambda rows: subject.images.pixels[rows]}
    if wanted.noise:
        kinds["noise"] = _white_noise(subject, wanted.noise_std, wanted.noise_mean, seed)
    how = {"batch_size": batch_size, "keep": wanted.bootstrap > 0, "seed": seed}
    how |= {"processes": processes, "report": report}
    sums = {kind: accumulate(subject, layers, images, **how) for kind, images in kinds.items()}
    rows = []
    for layer in layers:
        by_kind = [sums[kind][layer] for kind in kinds]
        live = torch.stack([found.varying() for found in by_kind]).any(0)
        spread: dict[str, ImageScales] = {}
        for size in wanted.sizes or [None]:
            units, dropped = _units(subject, layer, live, size)
            for kind, found in zip(kinds, by_kind, strict=True):
                values, resampled = found.eigenvalues(units), None
                if kind not in spread:
                    spread[kind] = scales_of(found, None if size else values)
                scales = spread[kind]
                if wanted.bootstrap:
                    coordinates = found.coordinates(units)
                    draws = {
                        "generator": make_generator(seed, "bootstrap"),
                        "processes": processes,
                    }
                    draws |= {"scales": torch.from_numpy(scales.values), "report": report}
                    resampled = resample(coordinates, wanted.bootstrap, **draws)
                facts = {"variance": float(found.variance[units].sum()), "solver": found.solver}
                facts |= {"size": len(units), "n_images": found.count, "dropped": dropped}
                rows.append(Row(values, kind, layer, replicates=resampled, scales=scales, **facts))
            if wanted.noise:
                rows += _exact(subject, layer, size, wanted.noise_std)
    return gather(rows)


def default_layer(subject: LoadedModel) -> str:
    """Return the layer that the papers measure for this architecture.

    >>> from specrob.experiments.loading import load_model
    >>> from specrob.experiments.image_request import ImageSettings
    >>> cpu = torch.device("cpu")
    >>> default_layer(load_model(None, ImageSettings(limit=1), arch=None, device=cpu))
    'input'
    """
    if subject.network.arch in ("images", "activations"):
        return "input"
    row = architecture_of(subject.network.arch)
    return row.measured if row else "penultimate"


def describe_inputs(
    transform: Sequence[TransformSpec], weights: str | None = None
) -> dict[str, Any]:
    """Return the facts of changed inputs, and of weights without a file, of a spectrum.

    >>> describe_inputs([TransformSpec.parse("pca:8")])
    {'transform': ['pca:8'], 'dimension': 8}
    """
    dimension = stimulus_dimension(transform)
    facts = {"transform": [str(one) for one in transform]} if transform else {}
    facts |= {"weights": weights} if weights else {}
    return facts | ({"dimension": dimension} if dimension else {})


def _cross_validated(subject: LoadedModel, wanted: Wanted, draws: torch.Generator) -> Spectrum:
    if subject.network.arch != REPEATS:
        raise DataError(
            "expected responses `x` (2, images, units) in an NPZ for --cv, found one repeat; "
            "drop --cv"
        )
    if not wanted.cv:
        raise DataError(
            "expected `x` (images, units), found two repeats; add --cv to cross-validate them"
        )
    if wanted.layers or wanted.sizes or wanted.noise:
        raise UsageError("--cv: expected no --layer, --sizes or --noise beside it")
    x = subject.images.pixels[:, :, 0]
    products = cv_products(x[:, 0], x[:, 1])
    values, found = products.sum(0) / (len(x) - 1), None
    if wanted.bootstrap:
        found = resample_products(products, wanted.bootstrap, draws)
    row = Row(values, "images", "input", x.shape[2], len(x), 0, "cvpca", replicates=found)
    return gather([replace(row, noise_variance=noise_variance(x[:, 0], x[:, 1]))])


def _white_noise(
    subject: LoadedModel, std: float, mean: float, seed: int
) -> Callable[[slice], Tensor]:
    """Return unclipped noise images, through the network's own per-image norm."""
    shape, device = subject.images.pixels.shape[1:], subject.images.pixels.device

    def images(rows: slice) -> Tensor:
        index = range(rows.start, min(rows.stop, len(subject.images)))
        drawn = normals(shape, seed=seed, index=index, stream="white noise").to(device)
        drawn = drawn * std + mean
        normalize_(drawn, subject.network.normalize)
        return drawn

    return images


def accumulate(
    subject: LoadedModel,
    layers: Sequence[str],
    images: Callable[[slice], Tensor],
    *,
    batch_size: int,
    keep: bool,
    seed: int,
    processes: Processes = SINGLE_PROCESS,
    report: Report = silent,
) -> dict[str, Covariance | RandomizedEigenvalues]:
    """Return the sums of some layers over the images, in as many passes as the largest needs.

    Processes take turns in the batches and all hold the whole sums, of which each then finds the
    eigenvalues; only the first batch is computed by all, who begin with it.
    """
    count = len(subject.images)
    sums: dict[str, Covariance | RandomizedEigenvalues] = {}
    left, passes = list(dict.fromkeys(layers)), 0
    while left:
        for number, rows in enumerate(_slices(count, batch_size)):
            own = number % processes.count == processes.rank
            if own or not sums:
                with torch.no_grad():
                    found = activations(subject.network.module, images(rows), left)
            for layer in left:
                if layer not in sums:
                    how = {"keep": keep, "generator": make_generator(seed, "subspace")}
                    units = found[layer].shape[1]
                    sums[layer] = accumulator(count, units, processes=processes, **how)
                    sums[layer].begin_(found[layer])
                if own:
                    sums[layer].add_(found[layer])
                else:
                    sums[layer].skip_(rows.stop - rows.start)
            report(rows.stop, count)
        passes += 1
        left = [layer for layer in left if sums[layer].passes > passes]
    return sums


def _slices(count: int, size: int) -> Iterator[slice]:
    yield from (slice(start, min(start + size, count)) for start in range(0, count, size))


def _units(subject: LoadedModel, layer: str, live: Tensor, size: int | None) -> tuple[Tensor, int]:
    """Return the units of a size, and how many were left out for never varying.

    They are the first ones that vary, or for the input a centred patch.
    """
    if layer == "input" and size is not None and subject.network.arch != "activations":
        return centred_patch(subject.network.shape, size).to(live.device), 0
    return live.nonzero()[:, 0][:size], int((~live).sum())


def _exact(subject: LoadedModel, layer: str, size: int | None, std_of_noise: float) -> list[Row]:
    """Return the spectrum of noise through a linear layer, exactly, from its weights."""
    if subject.network.normalize.startswith("l"):
        return []
    maps = linear_maps(subject.network.module, [layer])
    if layer not in maps:
        return []
    weight = maps[layer].detach().double().cpu()
    live = weight[(weight != 0).any(1)]
    first = live[:size]
    small = first.T @ first if len(first) > first.shape[1] else first @ first.T
    values = symmetric_eigenvalues(small).clamp(min=0) * std_of_noise**2
    dropped = len(weight) - len(live)
    return [Row(values, "noise-exact", layer, len(first), 0, dropped, "weights")]
