"""What the networks of specrob declare about their layers."""

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn

from specrob.models.preprocessing import Standardized


class LayeredNetwork(nn.Module):
    """A network that declares what is known about its layers.

    Parameters
    ----------
    layer_names : dict of str to str
        The submodules that go by the names ``hidden``, ``latent`` and ``penultimate``.
    latent_layers : tuple of str
        Every hidden layer after its non-linearity, from the first to the last.
    linear_layers : tuple of str
        Layers that are ``W x`` + const of the images x.
    pointwise_layers : dict of str to (str, callable)
        Layers that apply a function to each unit of a linear layer: its name and the function.
    """

    layer_names: Mapping[str, str] = {}
    latent_layers: tuple[str, ...] = ("penultimate",)
    linear_layers: tuple[str, ...] = ()
    pointwise_layers: Mapping[str, tuple[str, Callable[[Tensor], Tensor]]] = {}

    def chain(self) -> Sequence[nn.Module]:
        """Return the modules whose composition is the network; none if it is no chain."""
        return ()


def latent_layers(model: nn.Module) -> tuple[str, ...]:
    """Return the names of all hidden layers; of other networks the penultimate alone."""
    core = core_of(model)
    return core.latent_layers if isinstance(core, LayeredNetwork) else ("penultimate",)


def core_of(model: nn.Module) -> nn.Module:
    """Return the network without its preprocessing."""
    return model.net if isinstance(model, Standardized) else model
