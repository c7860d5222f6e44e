"""Spectra of a network's layers, for its images and for white noise."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from specrob.data import normalize_
from specrob.devices import normals
from specrob.experiments.subject import Subject
from specrob.linalg import symmetric_eigenvalues
from specrob.measures.spectrum import Covariance, Row, Spectrum, centred_patch, gather, prefix
from specrob.models import ARCHITECTURES, LocalLayer, activations
from specrob.models.layers import find
from specrob.progress import Report, silent


def measure_spectra(
    subject: Subject,
    *,
    layers: Sequence[str] = (),
    sizes: Sequence[int] = (),
    noise: bool = False,
    noise_std: float = 1.0,
    noise_mean: float = 0.0,
    seed: int = 0,
    batch_size: int = 1000,
    report: Report = silent,
) -> Spectrum:
    """Return the spectra of some layers at some sizes, images first, then noise beside each.

    Parameters
    ----------
    subject : Subject
    layers : sequence of str
        By default the layer that the papers measure.
    sizes : sequence of int
        Numbers of first units (for images: of pixels in a centred square); also all of them
        where none is given.
    noise : bool
        Whether as many images of white noise are measured too.
    noise_std, noise_mean : float, pixel units, before the network's own normalization
    seed, batch_size : int
    report : Report
    """
    layers = list(layers) or [default_layer(subject)]
    kinds = {"images": lambda rows: subject.images.images[rows]}
    if noise:
        kinds["noise"] = _white_noise(subject, noise_std, noise_mean, seed)
    total = len(kinds) * len(subject.images)
    sums = {}
    for at, (kind, images) in enumerate(kinds.items()):
        sums[kind] = _accumulate(subject, layers, images, batch_size, report, at, total)
    rows = []
    for layer in layers:
        for size in sizes or [None]:
            for kind in kinds:
                found = sums[kind][layer]
                units = _units(subject, layer, found, size)
                dropped = int((~found.varying()).sum())
                values = found.eigenvalues(units)
                rows.append(Row(values, kind, layer, found.count, dropped))
            if noise:
                rows += _exact(subject, layer, size, noise_std)
    return gather(rows)


def default_layer(subject: Subject) -> str:
    """Return the layer that the papers measure for this architecture."""
    if subject.network.arch == "images":
        return "input"
    row = ARCHITECTURES.get(subject.network.arch)
    return row.measured if row else "penultimate"


def _white_noise(
    subject: Subject, std: float, mean: float, seed: int
) -> Callable[[slice], Tensor]:
    """Return unclipped noise images, through the network's own per-image norm."""
    shape, device = subject.images.images.shape[1:], subject.images.images.device

    def images(rows: slice) -> Tensor:
        index = range(rows.start, min(rows.stop, len(subject.images)))
        drawn = normals(shape, seed=seed, index=index, stream="white noise").to(device)
        drawn = drawn * std + mean
        normalize_(drawn, subject.network.normalize)
        return drawn

    return images


def _accumulate(
    subject: Subject,
    layers: Sequence[str],
    images: Callable[[slice], Tensor],
    batch_size: int,
    report: Report,
    at: int,
    total: int,
) -> dict[str, Covariance]:
    count = len(subject.images)
    sums = {layer: Covariance(count) for layer in layers}
    for rows in _slices(count, batch_size):
        with torch.no_grad():
            found = activations(subject.network.module, images(rows), layers)
        for layer, values in found.items():
            sums[layer].add_(values)
        report(at * count + min(rows.stop, count), total)
    return sums


def _slices(count: int, size: int) -> Iterator[slice]:
    yield from (slice(start, start + size) for start in range(0, count, size))


def _units(subject: Subject, layer: str, sums: Covariance, size: int | None) -> Tensor:
    """Return the units of a size: first ones that vary, or a centred patch of the input."""
    if layer == "input" and size is not None:
        return centred_patch(subject.network.shape, size).to(sums.shift.device)
    return prefix(sums, size)


def _exact(subject: Subject, layer: str, size: int | None, std: float) -> list[Row]:
    """Return the spectrum of noise through a linear layer, exactly, from its weights."""
    if subject.network.normalize.startswith("l") or layer != "hidden":
        return []
    linear = find(subject.network.module, layer)
    if not isinstance(linear, (LocalLayer, nn.Linear)):
        return []
    weight = linear.weight.double()
    if subject.network.normalize == "standard":
        channel = subject.network.module.std.double().expand(subject.network.shape).flatten()
        weight = weight / channel
    live = weight[(weight != 0).any(1)][:size]
    small = live.T @ live if len(live) > live.shape[1] else live @ live.T
    values = torch.zeros(len(live), dtype=torch.float64, device=small.device)
    values[: len(small)] = symmetric_eigenvalues(small).clamp(min=0) * std**2
    return [Row(values, "noise-exact", layer, 0, len(weight) - len(live))]
