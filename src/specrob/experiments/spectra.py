"""Spectra of a network's layers, for its images and for white noise."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from specrob.data import normalize_
from specrob.devices import normals
from specrob.errors import DataError
from specrob.experiments.subject import Subject
from specrob.linalg import symmetric_eigenvalues
from specrob.measures.spectrum import Covariance, Row, Spectrum, centred_patch, gather
from specrob.models import activations, row_of
from specrob.models.layers import linear_maps
from specrob.progress import Report, silent


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
    """

    layers: Sequence[str] = ()
    sizes: Sequence[int] = ()
    noise: bool = False
    noise_std: float = 1.0
    noise_mean: float = 0.0

    @classmethod
    def of(cls, layer: list[str] | None, sizes: Sequence[int] | None, **given: Any) -> "Wanted":
        """Return what command-line options want."""
        return cls(tuple(layer or ()), tuple(sizes or ()), **given)


def measure_spectra(
    subject: Subject,
    wanted: Wanted,
    *,
    seed: int = 0,
    batch_size: int = 1000,
    report: Report = silent,
) -> Spectrum:
    """Return the spectra of some layers at some sizes: images first, then noise beside each.

    >>> from specrob.artifacts import Artifact
    >>> from specrob.experiments.subject import open_subject
    >>> from specrob.experiments.wish import Wish
    >>> x = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.0, 0.0]]).numpy()
    >>> given = Artifact("arrays", {"x": x})
    >>> subject = open_subject(given, Wish(), arch=None, device=torch.device("cpu"))
    >>> measure_spectra(subject, Wanted()).eigenvalues
    array([[2. , 0.5]])
    """
    layers = wanted.layers or (default_layer(subject),)
    if wanted.noise and subject.network.arch == "activations":
        raise DataError("expected a model for --noise, found activations; measure them without it")
    kinds = {"images": lambda rows: subject.images.images[rows]}
    if wanted.noise:
        kinds["noise"] = _white_noise(subject, wanted.noise_std, wanted.noise_mean, seed)
    total = len(kinds) * len(subject.images)
    sums = {}
    for at, (kind, images) in enumerate(kinds.items()):
        sums[kind] = _accumulate(subject, layers, images, batch_size, report, at, total)
    rows = []
    for layer in layers:
        by_kind = [sums[kind][layer] for kind in kinds]
        live = torch.stack([found.varying() for found in by_kind]).any(0)
        for size in wanted.sizes or [None]:
            units, dropped = _units(subject, layer, live, size)
            for kind, found in zip(kinds, by_kind, strict=True):
                values = found.eigenvalues(units)
                rows.append(Row(values, kind, layer, len(units), found.count, dropped))
            if wanted.noise:
                rows += _exact(subject, layer, size, wanted.noise_std)
    return gather(rows)


def default_layer(subject: Subject) -> str:
    """Return the layer that the papers measure for this architecture.

    >>> from specrob.experiments.subject import open_subject
    >>> from specrob.experiments.wish import Wish
    >>> default_layer(open_subject(None, Wish(limit=1), arch=None, device=torch.device("cpu")))
    'input'
    """
    if subject.network.arch in ("images", "activations"):
        return "input"
    row = row_of(subject.network.arch)
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


def _units(subject: Subject, layer: str, live: Tensor, size: int | None) -> tuple[Tensor, int]:
    """Return the units of a size, and how many were left out for never varying.

    They are the first ones that vary, or for the input a centred patch.
    """
    if layer == "input" and size is not None and subject.network.arch != "activations":
        return centred_patch(subject.network.shape, size).to(live.device), 0
    return live.nonzero()[:, 0][:size], int((~live).sum())


def _exact(subject: Subject, layer: str, size: int | None, std_of_noise: float) -> list[Row]:
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
    return [Row(values, "noise-exact", layer, len(first), 0, len(weight) - len(live))]
