"""A power-law spectrum as a penalty.

Letters: ``B`` images, ``N`` units of a layer, ``n`` the 1-based rank of an eigenvalue.

References
----------
.. [1] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729,
   eq. (2) to (5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, Self

import torch
from torch import Tensor
from torch.nn.functional import pad

from specrob import grammar
from specrob.distributed import BatchShard
from specrob.errors import UsageError
from specrob.learning.penalties.penalty import Batch, Penalty, SpectrumEstimate
from specrob.linalg import symmetric_eigenvectors
from specrob.results import DRIFT
from specrob.settings.flag import Flag

ALL_LAYERS = ("all",)


def parse_layers(text: str) -> tuple[str, ...]:
    """Return names joined by ``+``."""
    return tuple(text.split("+"))


def parse_exponents(text: str) -> float | tuple[float, ...]:
    """Return a positive number, or several joined by ``+``.

    >>> parse_exponents("2"), parse_exponents("2+1.5")
    (2.0, (2.0, 1.5))
    """
    numbers = tuple(map(grammar.parse_positive, text.split("+")))
    return numbers if len(numbers) > 1 else numbers[0]


@dataclass(frozen=True)
class Spectral(Penalty):
    """``(beta / N) * sum over n >= tau of (r_n - 1)^2 + max(0, r_n - 1)``, summed over layers.

    ``r_n = lambda_n / gamma_n``, ``gamma_n = lambda_tau (n / tau)^-alpha``,
    ``lambda = diag(V^T Cov V)`` of the centred batch, eq. (5) of [1]_; gamma and V carry no
    gradient. The coefficient is beta. V are, at every step, the eigenvectors of the batch's
    covariance; or, by `refresh_`, those of the covariance over the whole training set, of which
    `drift` tells how far they turned between two renewals.
    """

    tau: Annotated[int, Flag("First rank of the target.", low=1)] = 10
    alpha: Annotated[
        float | tuple[float, ...],
        Flag(
            "Exponent of the target, or one for each layer, joined by +.",
            parse=parse_exponents,
            above=0,
        ),
    ] = 1.0
    layers: Annotated[
        tuple[str, ...],
        Flag("Layers joined by +, or all hidden layers.", parse=parse_layers),
    ] = ("latent",)
    refresh: Annotated[
        int | Literal["step", "epoch"],
        Flag("Renew V at every step, every epoch, or every N steps.", low=1),
    ] = "step"
    order: Annotated[
        Literal["sorted", "vectors"],
        Flag(
            "Rank the estimates by size, as the code published with the method does, or in the "
            "order of V; with refresh=step the two are the same."
        ),
    ] = "sorted"
    vectors: dict[str, Tensor] = field(default_factory=dict, init=False, repr=False, compare=False)
    drift: dict[str, Tensor] = field(default_factory=dict, init=False, repr=False, compare=False)
    spectra: dict[str, SpectrumEstimate] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch, summed over its layers."""
        return torch.stack([self._of_layer(layer, batch) for layer in self.layers]).sum()

    def for_network(self, hidden_layers: tuple[str, ...]) -> Self:
        """Return the penalty, ``all`` replaced by the hidden layers."""
        layers = hidden_layers if self.layers == ALL_LAYERS else self.layers
        if isinstance(self.alpha, tuple) and len(self.alpha) != len(layers):
            raise UsageError(
                f"`alpha`: expected one exponent, or one for each of {' and '.join(layers)}, "
                f"found {len(self.alpha)}"
            )
        return replace(self, layers=layers)

    def exponent(self, layer: str) -> float:
        """Return the exponent of the target of a layer."""
        if isinstance(self.alpha, tuple):
            return self.alpha[self.layers.index(layer)]
        return self.alpha

    def check(self, units: Mapping[str, int], batch_size: int) -> None:
        """Raise UsageError if tau is beyond the units of a layer, or the images of a batch."""
        narrow = min([batch_size, *units.values()])
        if self.tau >= narrow:
            raise UsageError(
                f"`tau`: expected a rank below {narrow}, the units of its layer or the images of "
                f"a batch, found {self.tau}"
            )

    def is_due(self, step: int, steps_per_epoch: int) -> bool:
        """Return whether V is renewed before a step."""
        if self.refresh == "step":
            return False
        every = steps_per_epoch if self.refresh == "epoch" else self.refresh
        return step % every == 0

    def refresh_(self, covariances: Mapping[str, Tensor]) -> None:
        """Renew V from the covariances of whole layers."""
        for layer in self.layers:
            vectors = symmetric_eigenvectors(covariances[layer])[1].flip(1)
            vectors = vectors.contiguous()  # as a checkpoint restores them, to the last bit
            if layer in self.vectors:
                self.drift[layer] = turned(self.vectors[layer], vectors)
            self.vectors[layer] = vectors

    def state(self) -> dict[str, Tensor]:
        """Return V of every layer, and how far it turned."""
        return self.vectors | {DRIFT + layer: drift for layer, drift in self.drift.items()}

    def restore_(self, state: Mapping[str, Tensor]) -> None:
        """Go back to V of every layer."""
        for name, tensor in state.items():
            layers = self.drift if name.startswith(DRIFT) else self.vectors
            layers[name.removeprefix(DRIFT)] = tensor

    def estimates(self) -> dict[str, SpectrumEstimate]:
        """Return the estimate of the last whole batch for every layer, empty before the first."""
        none_yet = SpectrumEstimate(torch.zeros(0))
        spectra = {layer: self.spectra.get(layer, none_yet) for layer in self.layers}
        return {
            layer: replace(one, drift=float(self.drift[layer])) if layer in self.drift else one
            for layer, one in spectra.items()
        }

    def _of_layer(self, layer: str, batch: Batch) -> Tensor:
        h, shard = batch.layers[layer], batch.shard
        images = shard.size(h)
        if images <= self.tau:
            return 0 * h.sum()  # lambda_tau would be round-off
        centred = h - shard.mean(h)
        if self.refresh != "step":
            squares = shard.sum((centred @ self.vectors[layer].to(h)).square().sum(0))
            squares = squares.sort(descending=True).values if self.order == "sorted" else squares
        elif images < h.shape[1]:
            squares = _squares(shard.gather(centred).T)
        else:
            squares = _squares(centred, shard)
        eigenvalues = pad(squares, (0, h.shape[1] - len(squares))) / (images - 1)
        if layer not in self.spectra or images >= self.spectra[layer].images:
            rank = min(images - 1, int(shard.sum(_varying(h, centred)).sign().sum()))
            self.spectra[layer] = SpectrumEstimate(eigenvalues.detach(), rank, images)
        return self.coefficient * deviation(eigenvalues, self.tau, self.exponent(layer))


def turned(before: Tensor, after: Tensor) -> Tensor:
    """Return ``1 - mean_n (v_n . w_n)^2`` of eigenvectors v and w of equal ranks, (N, N).

    0 where every eigenvector stayed, 1 where each is orthogonal to the one it was.

    >>> turned(torch.eye(3), torch.eye(3).flip(1)).round(decimals=3)
    tensor(0.6670)
    """
    return 1 - (before * after).sum(0).square().mean()


def _squares(x: Tensor, shard: BatchShard = BatchShard()) -> Tensor:
    """Return ``diag(V^T x^T x V)``, V the eigenvectors of ``x^T x``, without gradient.

    The argument is centred images, (B, N), or, with the same result, their transpose, (N, B).
    """
    products = shard.sum(x.detach().T @ x.detach())
    vectors = symmetric_eigenvectors(products)[1].flip(1)
    return shard.sum((x @ vectors).square().sum(0))


def _varying(h: Tensor, centred: Tensor) -> Tensor:
    """Return 1 for units that differ among images by more than round-off, else 0, (N,)."""
    round_off = 8 * torch.finfo(h.dtype).eps * h.detach().abs().amax(0)
    return (centred.detach().abs().amax(0) > round_off).to(h.dtype)


def deviation(eigenvalues: Tensor, tau: int, alpha: float) -> Tensor:
    """Return eq. (2) of [1]_ without beta, for eigenvalues (N,) in the order of their ranks.

    r_tau is 1 by definition, where max(0, r - 1) has no derivative; it is taken as 0, so that
    the anchor is not pulled down. (The derivative of `clamp` there is 1 before PyTorch 2.14.)

    >>> float(deviation(1 / torch.arange(1.0, 9.0), tau=2, alpha=1.0))
    0.0
    """
    units = len(eigenvalues)
    n = torch.arange(tau, units + 1).to(eigenvalues)
    at_tau = eigenvalues[tau - 1].detach().clamp(min=torch.finfo(eigenvalues.dtype).tiny)
    excess = eigenvalues[tau - 1 :] / (at_tau * (n / tau) ** -alpha) - 1
    return (excess.square() + excess.relu()).sum() / units
