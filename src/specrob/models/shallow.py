"""Networks with one hidden layer, and none.

Letters: ``B`` images, ``D`` pixels, ``N`` hidden units, ``C`` classes.

References
----------
.. [1] "Exploring mechanisms of neural robustness", arXiv:2405.00679, eq. (1).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from specrob.errors import ModelError
from specrob.models.architecture import Architecture, infer_hidden
from specrob.models.init import draw_weights_
from specrob.models.layered_network import LayeredNetwork
from specrob.models.local_layer import LocalLayer, empty_layer
from specrob.settings.local import KrotovHopfield, parse_rule

HYBRID_POWER = 4.5  # m of relu(h)^m above a local layer


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
                "change `batch_size`"
            )
        return super().forward(x)


class ShallowNet(LayeredNetwork):
    """One hidden layer and a read-out: ``y = A relu(W x)^m + b``, eq. (1) of [1]_.

    Parameters
    ----------
    hidden : LocalLayer or nn.Linear
        It has ``weight``, (N, D), and no bias.
    power : float
        m, which [1]_ calls n.
    batch_norm : bool
        Whether batch normalization follows the power.

    Examples
    --------
    >>> net = ShallowNet(LocalLayer(torch.eye(2), KrotovHopfield(p=2)), 3, power=2)
    >>> net(torch.ones(4, 1, 1, 2)).shape, net.latent_jacobian_norm(torch.tensor([[3.0, -1.0]]))
    (torch.Size([4, 3]), tensor([6.]))
    """

    hidden: LocalLayer | nn.Linear
    power: RectifiedPower
    latent: BatchNorm | nn.Identity
    readout: nn.Linear
    latent_layers = ("latent",)
    linear_layers = ("hidden",)

    def __init__(
        self,
        hidden: LocalLayer | nn.Linear,
        classes: int,
        *,
        power: float = 1.0,
        batch_norm: bool = False,
    ):
        super().__init__()
        units = len(hidden.weight)
        self.hidden = hidden
        self.power = RectifiedPower(power)
        self.latent = BatchNorm(units) if batch_norm else nn.Identity()
        self.pointwise_layers = {} if batch_norm else {"latent": ("hidden", self.power)}
        self.readout = nn.Linear(units, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, (B, C), for images (B, ...)."""
        logits: Tensor = self.readout(self.represent(x))
        return logits

    def chain(self) -> Sequence[nn.Module]:
        """Return the layers in their order."""
        return nn.Flatten(), self.hidden, self.power, self.latent, self.readout

    def represent(self, x: Tensor) -> Tensor:
        """Return the latent activations, (B, N)."""
        latent: Tensor = self.latent(self.power(self.hidden(x.flatten(1))))
        return latent

    @torch.no_grad()
    def latent_jacobian_norm(self, x: Tensor, gains: Tensor | None = None) -> Tensor:
        """Return the exact Frobenius norm of d latent / d x, from one product.

        ``sqrt( sum over h_i > 0 of (m h_i^(m-1) gamma_i/sigma_i)^2 ||W_i||^2 )``, where gamma and
        sigma are those of batch normalization in evaluation mode.

        Parameters
        ----------
        x : Tensor, (B, ...)
        gains : Tensor, (D,), optional
            d x / d image, if images are standardized before the network.

        Returns
        -------
        Tensor, (B,)
        """
        h, m = self.hidden(x.flatten(1)), self.power.power
        weight = self.hidden.weight if gains is None else self.hidden.weight * gains
        rows = weight.square().sum(1) * self._batch_norm_gain().square()
        slope = torch.where(h > 0, m * h.clamp(min=0).pow(m - 1), 0)
        squared: Tensor = slope.square() @ rows
        return squared.sqrt()

    def _batch_norm_gain(self) -> Tensor:
        if isinstance(self.latent, nn.Identity):
            return self.readout.weight.new_ones(())
        assert self.latent.running_var is not None
        return self.latent.weight / torch.sqrt(self.latent.running_var + self.latent.eps)


class Linear(LayeredNetwork):
    """``y = A x + b``, for tests and baselines."""

    linear_layers = ("logits", "readout")

    def __init__(self, shape: tuple[int, ...], classes: int):
        super().__init__()
        self.readout = nn.Linear(torch.Size(shape).numel(), classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, (B, C), for images (B, ...)."""
        logits: Tensor = self.readout(x.flatten(1))
        return logits

    def chain(self) -> Sequence[nn.Module]:
        """Return the layers in their order."""
        return nn.Flatten(), self.readout


def hybrid(
    shape: tuple[int, ...],
    classes: int,
    *,
    hidden: int,
    p: float = KrotovHopfield.p,
    rule: str | None = None,
    power: float = HYBRID_POWER,
    batch_norm: bool = False,
) -> ShallowNet:
    """Return a network whose hidden layer is a frozen local layer.

    Its rule is that of Krotov and Hopfield with p, unless ``NAME[,key=value...]`` is given.
    """
    layer = empty_layer(shape, hidden, parse_rule(rule) if rule else KrotovHopfield(p=p))
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
    layer = nn.Linear(torch.Size(shape).numel(), hidden, bias=False)
    return ShallowNet(layer, classes, power=power, batch_norm=batch_norm)


def initialize_(network: ShallowNet, generator: torch.Generator) -> None:
    """Draw W ~ N(0, 2/D) and the read-out uniformly within 1/sqrt(N), as PyTorch does."""
    hidden = network.hidden
    if isinstance(hidden, nn.Linear):
        with torch.no_grad():
            hidden.weight.normal_(0, (2 / hidden.in_features) ** 0.5, generator=generator)
    draw_weights_(network.readout, generator)
    if isinstance(hidden, LocalLayer):
        hidden.draw_(generator)


SHLP = Architecture(
    shlp,
    infer_hidden("hidden.weight"),
    initialize_,
    measured="hidden",
    smooth="latent",
    schedule="paper-a",
)
HYBRID = Architecture(hybrid, infer_hidden("hidden.synapses"), initialize_, "hidden", "latent")
LINEAR = Architecture(Linear)
