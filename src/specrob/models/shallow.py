"""Networks with one hidden layer, and none.

Letters: ``B`` images, ``D`` pixels, ``N`` hidden units, ``C`` classes.

References
----------
.. [1] D. Krotov and J. J. Hopfield, "Unsupervised learning by competing hidden units", PNAS
   116(16), 2019, DOI 10.1073/pnas.1820458116.
.. [2] "Exploring mechanisms of neural robustness", arXiv:2405.00679, eq. (1) and (3).
"""

import torch
from torch import Tensor, nn

from specrob.errors import ModelError
from specrob.linalg import signed_power
from specrob.models.init import draw_weights_


class LocalLayer(nn.Module):
    """A layer that the local rule trains: ``h = W x``, ``W = S |S|^(p-2)``, eq. (3) of [2]_.

    Parameters
    ----------
    synapses : Tensor, (N, D)
        S, not trained by gradients.
    p : float
        Exponent of the norm in which the rows of S settle.

    Examples
    --------
    >>> LocalLayer(torch.tensor([[2.0, -3.0]]), p=3)(torch.ones(1, 2))
    tensor([[-5.]])
    """

    def __init__(self, synapses: Tensor, *, p: float = 3.0):
        super().__init__()
        self.p = p
        self.register_buffer("synapses", synapses)
        self.register_buffer("weight", synapses, persistent=False)
        if not synapses.is_meta:  # whose first power would load torch's compiler, for a second
            self.refresh_()
        self.register_load_state_dict_post_hook(lambda layer, _: layer.refresh_())

    def refresh_(self) -> None:
        """Recompute W after S has changed."""
        self.weight = signed_power(self.synapses, self.p - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return h, (B, N), for images (B, ...)."""
        return x.flatten(1) @ self.weight.T


class LocalModel(nn.Module):
    """A local layer alone, without a read-out: what ``train-kh`` makes."""

    def __init__(self, shape: tuple[int, ...], *, hidden: int, p: float = 3.0):
        super().__init__()
        self.hidden = LocalLayer(torch.zeros(hidden, _size(shape)), p=p)

    layer_names = {"latent": "hidden", "penultimate": "hidden"}
    linear_layers = ("hidden",)

    def forward(self, x: Tensor) -> Tensor:
        """Return h, (B, N)."""
        return self.hidden(x)


class RectifiedPower(nn.Module):
    """``relu(h)^m``."""

    def __init__(self, power: float = 1.0):
        super().__init__()
        self.power = power

    def forward(self, h: Tensor) -> Tensor:
        """Return the activations, of the shape of `h`."""
        return h.relu() if self.power == 1 else h.relu().pow(self.power)


class BatchNorm(nn.BatchNorm1d):
    """Batch normalization that says what to do about a batch of one image."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalized activations, (B, N)."""
        if self.training and len(x) < 2:
            raise ModelError(
                "expected 2 images or more in every batch for batch normalization, found 1; "
                "change --batch-size"
            )
        return super().forward(x)


class ShallowNet(nn.Module):
    """One hidden layer and a read-out: ``y = A relu(W x)^m + b``, eq. (1) of [2]_.

    Parameters
    ----------
    hidden : LocalLayer or nn.Linear
        Has ``weight``, (N, D), and no bias.
    classes : int
    power : float
        m; A calls it n.
    batch_norm : bool
        Whether batch normalization follows the power.

    Examples
    --------
    >>> net = ShallowNet(LocalLayer(torch.eye(2), p=2), 3, power=2)
    >>> net(torch.ones(4, 1, 1, 2)).shape, net.latent_jacobian_norm(torch.tensor([[3.0, -1.0]]))
    (torch.Size([4, 3]), tensor([6.]))
    """

    def __init__(
        self, hidden: nn.Module, classes: int, *, power: float = 1.0, batch_norm: bool = False
    ):
        super().__init__()
        units = len(hidden.weight)
        self.hidden = hidden
        self.power = RectifiedPower(power)
        self.latent = BatchNorm(units) if batch_norm else nn.Identity()
        self.pointwise_layers = {} if batch_norm else {"latent": ("hidden", self.power)}
        self.readout = nn.Linear(units, classes)

    latent_layers = ("latent",)
    linear_layers = ("hidden",)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, (B, C), for images (B, ...)."""
        return self.readout(self.represent(x))

    def represent(self, x: Tensor) -> Tensor:
        """Return the latent activations, (B, N)."""
        return self.latent(self.power(self.hidden(x.flatten(1))))

    @torch.no_grad()
    def latent_jacobian_norm(self, x: Tensor, gains: Tensor | None = None) -> Tensor:
        """Return the Frobenius norm of d latent / d x, exactly, from one product.

        ``sqrt( sum over h_i > 0 of (m h_i^(m-1) gamma_i/sigma_i)^2 ||W_i||^2 )``, gamma and sigma
        those of the batch norm in evaluation mode, where there is one.

        Parameters
        ----------
        x : Tensor, (B, ...)
        gains : Tensor, (D,), optional
            d x / d image, where something stands before the network.

        Returns
        -------
        Tensor, (B,)
        """
        h, m = self.hidden(x.flatten(1)), self.power.power
        weight = self.hidden.weight if gains is None else self.hidden.weight * gains
        rows = weight.square().sum(1) * self._batch_norm_gain().square()
        slope = torch.where(h > 0, m * h.clamp(min=0).pow(m - 1), 0)
        return (slope.square() @ rows).sqrt()

    def _batch_norm_gain(self) -> Tensor:
        if isinstance(self.latent, nn.Identity):
            return self.readout.weight.new_ones(())
        return self.latent.weight / (self.latent.running_var + self.latent.eps).sqrt()


class Linear(nn.Module):
    """``y = A x + b``, for tests and baselines."""

    def __init__(self, shape: tuple[int, ...], classes: int):
        super().__init__()
        self.readout = nn.Linear(_size(shape), classes)

    linear_layers = ("logits", "readout")

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, (B, C), for images (B, ...)."""
        return self.readout(x.flatten(1))


def hybrid(
    shape: tuple[int, ...],
    classes: int,
    *,
    hidden: int,
    p: float = 3.0,
    power: float = 4.5,
    batch_norm: bool = False,
) -> ShallowNet:
    """Return a network whose hidden layer is a frozen local layer."""
    layer = LocalLayer(torch.zeros(hidden, _size(shape)), p=p)
    return ShallowNet(layer, classes, power=power, batch_norm=batch_norm)


def shlp(
    shape: tuple[int, ...],
    classes: int,
    *,
    hidden: int = 2000,
    power: float = 1.0,
    batch_norm: bool = False,
) -> ShallowNet:
    """Return a single-hidden-layer perceptron, all of it trained by gradients."""
    layer = nn.Linear(_size(shape), hidden, bias=False)
    return ShallowNet(layer, classes, power=power, batch_norm=batch_norm)


def initialize_(network: ShallowNet, generator: torch.Generator) -> None:
    """Draw W ~ N(0, 2/D) and the read-out uniformly within 1/sqrt(N), as PyTorch does."""
    _, pixels = network.hidden.weight.shape
    if isinstance(network.hidden, nn.Linear):
        with torch.no_grad():
            network.hidden.weight.normal_(0, (2 / pixels) ** 0.5, generator=generator)
    draw_weights_(network.readout, generator)
    if isinstance(network.hidden, LocalLayer):
        draw_synapses_(network, generator)


def draw_synapses_(network: LocalModel | ShallowNet, generator: torch.Generator) -> None:
    """Draw S ~ N(0, 1), from which the local rule starts.

    >>> network = LocalModel((1, 1, 2), hidden=3)
    >>> draw_synapses_(network, torch.Generator().manual_seed(0))
    >>> bool(network.hidden.weight.any())
    True
    """
    shape = network.hidden.synapses.shape
    network.hidden.synapses = torch.randn(shape, generator=generator)
    network.hidden.refresh_()


def _size(shape: tuple[int, ...]) -> int:
    return int(torch.Size(shape).numel())
