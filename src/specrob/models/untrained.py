"""Networks with weights drawn by a seed, also where their factory loads trained weights."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from specrob.errors import ModelError
from specrob.models.architectures import architecture_of, build
from specrob.models.libraries import library_of

RESETS = ("reset_parameters", "_reset_parameters")  # the second of nn.MultiheadAttention


def untrained(
    name: str,
    shape: tuple[int, ...],
    classes: int,
    options: Mapping[str, Any],
    generator: torch.Generator,
) -> nn.Module:
    """Return a network of an architecture whose weights the generator's seed draws.

    A factory may load trained weights. Layers whose weights follow the seed stay as they are. All
    others are drawn by their ``reset_parameters``, which also resets statistics of batch
    normalization.

    Raises
    ------
    ModelError
        If a parameter, or a buffer that training changes, can not be drawn.

    Examples
    --------
    >>> net = untrained("linear", (1, 2, 2), 3, {}, torch.Generator().manual_seed(0))
    >>> bool(net.readout.weight.abs().max() <= 0.5)
    True
    """
    if library_of(name):
        options = {key: value for key, value in options.items() if key != "weights"}
    network = build(name, shape, classes, options, generator)
    if architecture_of(name) is not None:
        return network
    seed = generator.initial_seed()

    def weights(seed: int) -> dict[str, Tensor]:
        drawn = build(name, shape, classes, options, torch.Generator().manual_seed(seed))
        return dict(drawn.named_parameters(remove_duplicate=False))

    same, other = weights(seed), weights(seed ^ 1)

    def is_drawn(parameter: str, values: Tensor) -> bool:
        return torch.equal(same[parameter], values) and not torch.equal(other[parameter], values)

    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(seed)
        redraw_(network, is_drawn)
        _check_statistics(network, torch.rand(2, *shape))
    return network.eval()


def redraw_(network: nn.Module, is_drawn: Callable[[str, Tensor], bool]) -> None:
    """Draw every layer whose weights are not drawn yet, from torch's global generator.

    >>> layer = nn.Linear(2, 2)
    >>> _ = nn.init.constant_(layer.weight, 7)
    >>> redraw_(layer, lambda name, values: False)
    >>> bool(layer.weight.abs().max() < 1)
    True
    """
    drawn = {name: _is_drawn(name, part, is_drawn) for name, part in network.named_modules()}
    for name, part in reversed(list(network.named_modules())):  # modules after their parts
        if drawn[name]:
            getattr(part, "reset_running_stats", lambda: None)()
            continue
        reset = _reset_of(part)
        if reset is not None:
            reset()
        elif names := [name for name, _ in part.named_parameters(recurse=False)]:
            raise _undrawable(f"{name}.{names[0]}".lstrip("."), part)


def _is_drawn(name: str, part: nn.Module, is_drawn: Callable[[str, Tensor], bool]) -> bool:
    """Return whether the parameters of a layer are drawn already, except constant biases."""
    weights = dict(part.named_parameters(recurse=False))
    drawn = [is_drawn(f"{name}.{n}".lstrip("."), values) for n, values in weights.items()]
    constant = [
        v.ndim < 2 and v.numel() > 0 and bool((v == v.flatten()[0]).all())
        for v in weights.values()
    ]
    return any(drawn) and all(d or c for d, c in zip(drawn, constant, strict=True))


def _reset_of(part: nn.Module) -> Callable[[], Any] | None:
    return next((r for name in RESETS if callable(r := getattr(part, name, None))), None)


def _check_statistics(network: nn.Module, images: Tensor) -> None:
    """Raise ModelError if training changes a buffer of a layer that cannot reset it."""
    trained = deepcopy(network).train()
    try:
        with torch.no_grad():
            trained(images)
    except (TypeError, ValueError, IndexError, AttributeError, RuntimeError):
        return  # it does not accept two images of noise, so that nothing can be checked
    before = dict(network.named_buffers())
    for name, values in trained.named_buffers():
        owner = network.get_submodule(name.rpartition(".")[0])
        if _reset_of(owner) is None and not torch.equal(values, before[name]):
            raise _undrawable(name, owner)


def _undrawable(name: str, part: nn.Module) -> ModelError:
    return ModelError(
        f"expected weights that `seed` draws, found `{name}` of a {type(part).__name__} that has "
        "no reset_parameters to draw it; give it one, or do without initial weights"
    )
