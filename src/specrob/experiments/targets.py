"""The classes that a targeted attack is to reach."""

from dataclasses import replace

import torch
from torch import Tensor

from specrob.errors import DataError, UsageError
from specrob.experiments.loaded_model import LoadedModel
from specrob.random import others
from specrob.registry import ATTACKS
from specrob.settings.attack import Attack
from specrob.settings.named_attacks import attack_type
from specrob.settings.robustness import Targets


def check_targets(attack: Attack, targets: Targets | None) -> None:
    """Raise UsageError if there are target classes, and the attack takes none."""
    if targets is not None and not attack.takes_targets:
        takers = [name for name in ATTACKS.rows if attack_type(name).takes_targets]
        raise UsageError(
            f"`targets`: expected with {' or '.join(takers)}, found with {attack.name}; drop it"
        )


def target_classes(loaded: LoadedModel, targets: Targets | None, *, seed: int) -> Tensor | None:
    """Return the class that every image is to be taken for, (B,); None for any wrong one.

    Raises
    ------
    DataError
        If the network has no such class.

    Examples
    --------
    >>> from specrob.experiments.in_memory import images_in_memory, model_in_memory
    >>> split, data = images_in_memory(torch.zeros(3, 1, 1, 4), torch.tensor([0, 1, 3]))
    >>> four = model_in_memory(lambda x: x.flatten(1), split, data)
    >>> target_classes(four, "next", seed=0)
    tensor([1, 2, 0])
    """
    labels, classes = loaded.images.labels, loaded.network.classes
    if targets is None:
        return None
    if targets == "next":
        return (labels + 1) % classes
    if targets == "random":
        return others(labels, classes, seed=seed, index=loaded.images.index, stream="targets")
    if targets >= classes:
        raise DataError(
            f"`targets`: expected a class below {classes}, the model's classes, found {targets}"
        )
    return torch.full_like(labels, targets)


def without_target(loaded: LoadedModel, targets: Targets | None) -> LoadedModel:
    """Return the same without the images whose label is the one target class.

    Raises
    ------
    DataError
        If no image has another label.
    """
    if not isinstance(targets, int):
        return loaded
    others_left = loaded.images.labels != targets
    if not others_left.any():
        raise DataError(
            f"`targets`: expected images of other classes than {targets}, found none; choose "
            "another class"
        )
    return replace(loaded, images=loaded.images.take(others_left.nonzero()[:, 0]))
