"""A power-law spectrum as a penalty.

Letters: ``B`` images, ``N`` units of a layer, ``n`` the 1-based rank of an eigenvalue.

References
----------
.. [1] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729,
   eq. (2) to (5).
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import pad

from specrob.distributed import BatchShard
from specrob.learning.penalties.batch import Batch, Plain, coefficient_of

ORDERS = ("sorted", "vectors")


class Spectral(Plain):
    """``(beta / N) * sum over n >= tau of (r_n - 1)^2 + max(0, r_n - 1)``, summed over layers.

    ``r_n = lambda_n / gamma_n``, ``gamma_n = lambda_tau (n / tau)^-alpha``,
    ``lambda = diag(V^T Cov V)`` of the centred batch, eq. (5) of [1]_; gamma and V carry no
    gradient.

    Parameters
    ----------
    coefficient : float, 0 or more
        beta.
    tau : int, 1 or more
    alpha : float, positive
    layers : str
        Names joined by ``+``, or "all", which the caller replaces by the network's own.
    refresh : "step", "epoch" or int
        When V is renewed: at every step the eigenvectors of the batch's own covariance; else, by
        `refresh_`, those over the whole training set, every epoch or every so many steps.
    order : "sorted" or "vectors"
        Which lambda is the n-th, once V is no longer the batch's own: the n-th largest, as in the
        code published with [1]_, or that of the n-th vector. By step the two are the same.
    """

    def __init__(
        self,
        coefficient: float,
        tau: int = 10,
        alpha: float = 1.0,
        layers: str = "latent",
        refresh: str | int = "step",
        order: str = "sorted",
    ):
        numbers = isinstance(tau, int) and isinstance(alpha, int | float)
        if not (numbers and tau >= 1 and alpha > 0):
            raise ValueError(f"tau of at least 1 and alpha above 0, not {tau} and {alpha}")
        if refresh not in ("step", "epoch") and not (isinstance(refresh, int) and refresh >= 1):
            raise ValueError(f"refresh=step, epoch or a number of steps, not {refresh}")
        if order not in ORDERS:
            raise ValueError(f"order={' or '.join(ORDERS)}, not {order}")
        self.coefficient, self.tau, self.alpha = coefficient_of(coefficient), tau, float(alpha)
        self.refresh, self.layers = refresh, tuple(str(layers).split("+"))
        self.order = order
        self.vectors: dict[str, Tensor] = {}
        self.eigenvalues: dict[str, Tensor] = {}  # the estimate of the last whole batch, (N,)
        self.images = 0  # in that batch
        self.ranks: dict[str, int] = {}  # how many of those eigenvalues are more than round-off

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch, summed over its layers."""
        return torch.stack([self._of(layer, batch) for layer in self.layers]).sum()

    def is_due(self, step: int, steps_per_epoch: int) -> bool:
        """Return whether `refresh_` should be called before a step, counted from 0."""
        if self.refresh == "step":
            return False
        every = steps_per_epoch if self.refresh == "epoch" else self.refresh
        return step % every == 0

    def refresh_(self, covariance: Callable[[str], Tensor]) -> None:
        """Renew V from the covariances of whole layers, (N, N)."""
        for layer in self.layers:
            self.vectors[layer] = torch.linalg.eigh(covariance(layer)).eigenvectors.flip(1)

    def _of(self, layer: str, batch: Batch) -> Tensor:
        h, share = batch.layers[layer], batch.share
        images = share.size(h)
        if images <= self.tau:
            return 0 * h.sum()  # lambda_tau would be round-off
        centred = h - share.mean(h)
        if self.refresh != "step":
            squares = share.sum((centred @ self.vectors[layer].to(h)).square().sum(0))
            squares = squares.sort(descending=True).values if self.order == "sorted" else squares
        elif images < h.shape[1]:
            squares = _squares(share.gather(centred).T)
        else:
            squares = _squares(centred, share)
        eigenvalues = pad(squares, (0, h.shape[1] - len(squares))) / (images - 1)
        if images >= self.images:
            self.eigenvalues[layer], self.images = eigenvalues.detach(), images
            self.ranks[layer] = min(images - 1, int(share.sum(_varying(h, centred)).sign().sum()))
        return self.coefficient * deviation(eigenvalues, self.tau, self.alpha)


def _squares(x: Tensor, share: BatchShard = BatchShard()) -> Tensor:
    """Return ``diag(V^T x^T x V)``, V the eigenvectors of ``x^T x``, without gradient.

    Of centred images, (B, N), or, with the same values and gradient, transposed, (N, B).
    """
    products = share.sum(x.detach().T @ x.detach())
    vectors = torch.linalg.eigh(products).eigenvectors.flip(1)
    return share.sum((x @ vectors).square().sum(0))


def _varying(h: Tensor, centred: Tensor) -> Tensor:
    """Return 1 for units that differ among images by more than round-off, else 0, (N,)."""
    round_off = 8 * torch.finfo(h.dtype).eps * h.detach().abs().amax(0)
    return (centred.detach().abs().amax(0) > round_off).to(h.dtype)


def deviation(eigenvalues: Tensor, tau: int, alpha: float) -> Tensor:
    """Return eq. (2) of [1]_ without beta, for eigenvalues (N,) in the order of their ranks.

    >>> float(deviation(1 / torch.arange(1.0, 9.0), tau=2, alpha=1.0))
    0.0
    """
    units = len(eigenvalues)
    n = torch.arange(tau, units + 1).to(eigenvalues)
    at_tau = eigenvalues[tau - 1].detach().clamp(min=torch.finfo(eigenvalues.dtype).tiny)
    excess = eigenvalues[tau - 1 :] / (at_tau * (n / tau) ** -alpha) - 1
    return (excess.square() + excess.clamp(min=0)).sum() / units
