"""Networks as a seed draws them, whatever weights their factory brings along."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from specrob.errors import ModelError
from specrob.models.architectures import architecture_of, build

RESETS = ("reset_parameters", "_reset_parameters")  # the second of nn.MultiheadAttention


def untrained(
    name: str,
    shape: tuple[int, ...],
    classes: int,
    options: Mapping[str, Any],
    generator: torch.Generator,
) -> nn.Module:
    """Return a network of an architecture whose weights the generator's seed draws.

    A factory may load weights that are trained. Layers that it draws itself, so that the same
    seed gives the same and another seed gives others, stay as they are; all others are drawn by
    their own ``reset_parameters``, which also sets the statistics of batch norm back.

    Raises
    ------
    ModelError
        If a parameter, or a buffer that training changes, can be drawn in neither way.

    Examples
    --------
    >>> net = untrained("linear", (1, 2, 2), 3, {}, torch.Generator().manual_seed(0))
    >>> bool(net.readout.weight.abs().max() <= 0.5)
    True
    """
    network = build(name, shape, classes, options, generator)
    if architecture_of(name) is not None:
        return network  # its row draws it
    seed = generator.initial_seed()

    def weights(seed: int) -> dict[str, Tensor]:
        own = torch.Generator().manual_seed(seed)
        made = build(name, shape, classes, options, own)
        return dict(made.named_parameters(remove_duplicate=False))

    same, other = weights(seed), weights(seed ^ 1)

    def is_drawn(parameter: str, values: Tensor) -> bool:
        return torch.equal(same[parameter], values) and not torch.equal(other[parameter], values)

    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(seed)
        redraw_(network, is_drawn)
        _check_statistics(network, torch.rand(2, *shape))
    return network.eval()


def redraw_(network: nn.Module, is_drawn: Callable[[str, Tensor], bool]) -> None:
    """Draw every layer whose weights are not drawn yet, from torch's own generator.

    >>> layer = nn.Linear(2, 2)
    >>> _ = nn.init.constant_(layer.weight, 7)
    >>> redraw_(layer, lambda name, values: False)
    >>> bool(layer.weight.abs().max() < 1)
    True
    """
    kept = {name: _keeps(name, part, is_drawn) for name, part in network.named_modules()}
    for name, part in reversed(list(network.named_modules())):  # wholes after their parts
        if kept[name]:
            getattr(part, "reset_running_stats", lambda: None)()
            continue
        reset = _reset_of(part)
        if reset is not None:
            reset()
        elif own := [own for own, _ in part.named_parameters(recurse=False)]:
            raise _undrawable(f"{name}.{own[0]}".lstrip("."), part)


def _keeps(name: str, part: nn.Module, is_drawn: Callable[[str, Tensor], bool]) -> bool:
    """Return whether a layer's own parameters are drawn already, but for constant biases."""
    own = dict(part.named_parameters(recurse=False))
    drawn = [is_drawn(f"{name}.{n}".lstrip("."), values) for n, values in own.items()]
    constant = [
        v.ndim < 2 and v.numel() > 0 and bool((v == v.flatten()[0]).all()) for v in own.values()
    ]
    return any(drawn) and all(d or c for d, c in zip(drawn, constant, strict=True))


def _reset_of(part: nn.Module) -> Callable[[], Any] | None:
    return next((r for name in RESETS if callable(r := getattr(part, name, None))), None)


def _check_statistics(network: nn.Module, images: Tensor) -> None:
    """Raise ModelError if training changes a buffer of a layer that cannot set it back."""
    trained = deepcopy(network).train()
    try:
        with torch.no_grad():
            trained(images)
    except (TypeError, ValueError, IndexError, AttributeError, RuntimeError):
        return  # it learns from no two images of noise, and nothing is known
    before = dict(network.named_buffers())
    for name, values in trained.named_buffers():
        owner = network.get_submodule(name.rpartition(".")[0])
        if _reset_of(owner) is None and not torch.equal(values, before[name]):
            raise _undrawable(name, owner)


def _undrawable(name: str, part: nn.Module) -> ModelError:
    return ModelError(
        f"expected weights that --seed draws, found `{name}` of a {type(part).__name__} that has "
        "no reset_parameters to draw it; give it one, or drop --weights initial"
    )
