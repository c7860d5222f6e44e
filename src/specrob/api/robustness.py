"""Attacks and critical distances of a classifier."""

import warnings
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from specrob.api.files import Model, load_model
from specrob.errors import DataError, UsageError
from specrob.experiments import attacks, distances
from specrob.experiments.in_memory import Values
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.results import AttackResult, Distances, Robustness
from specrob.settings.attack import Attack, Loss, Norm
from specrob.settings.attacks import PGD
from specrob.settings.robustness import (
    AttackSettings,
    CurveKind,
    CurveSettings,
    DistanceSettings,
    Targets,
)

R = TypeVar("R", bound=AttackResult)


def attack(
    model: Model,
    images: Values | None = None,
    labels: Values | None = None,
    *,
    attack: Attack = PGD(),
    eps: float | Sequence[float] = CurveSettings.eps,
    norm: Norm | None = None,
    bounds: str = AttackSettings.bounds,
    loss: Loss = AttackSettings.loss,
    targets: Targets | None = None,
    curve: CurveKind = CurveSettings.curve,
    levels: int | None = None,
    seed: int = 0,
    batch_size: int | None = None,
) -> Robustness:
    """Return the accuracy of a classifier under perturbations of given sizes.

    Parameters
    ----------
    model, images, labels
        As for `load_model`. Only correctly classified images are attacked.
    attack : Attack
        `PGD`, `FGSM`, `Minimal`, `Random` or `Noise` with its options; `Worst` for claims.
    eps : float or sequence of float
        Radii in the attacked space, for instance 8 / 255.
    norm : {"l1", "l2", "linf"}, optional
        Norm of eps; by default the attack's.
    bounds : str
        Range of perturbed pixels: "valid" (what images can have), "none" or "LO:HI".
    loss : {"ce", "margin"}
        Loss that gradients increase; with targets, they decrease the target's.
    targets : {"next", "random"} or int, optional
        Attack until a target class is predicted: the label plus 1, another class drawn for each
        image, or one class, whose own images are left out; by default until any wrong class is.
    curve : {"pointwise", "monotone"}
        Attack at each eps, or derive the curve from critical distances.
    levels : int, optional
        Round perturbed pixels to this many levels, for instance 256.
    seed : int
        Seed of random starts and directions.
    batch_size : int, optional
        Number of images computed at a time.

    Returns
    -------
    Robustness
        `relative_accuracy` is of the images classified correctly, `robust_accuracy` of all;
        `warnings` says where gradients vanish or a weaker attack does better.

    Raises
    ------
    ModelError, DataError, UsageError
        If the model is no classifier of the labels, pixels lie outside of the bounds, or the
        attack does not take the norm.

    Examples
    --------
    >>> import torch
    >>> one_pixel_wins = torch.nn.Flatten()  # the logits are the two pixels
    >>> images, labels = torch.tensor([[[[0.7, 0.3]]]]), torch.tensor([0])
    >>> attack(one_pixel_wins, images, labels, eps=(0.1, 0.3)).robust_accuracy
    (1.0, 0.0)
    """
    loaded = _labelled(model, images, labels, attack)
    settings = AttackSettings(norm=norm, bounds=bounds, loss=loss, targets=targets)
    numbers = tuple(map(float, np.atleast_1d(eps)))
    radii = CurveSettings(eps=numbers, curve=curve, levels=levels)
    context = RunContext(seed, batch_size)
    return _warned(attacks.robustness_curve(loaded, attack, settings, radii, context).robustness)


def critical_distances(
    model: Model,
    images: Values | None = None,
    labels: Values | None = None,
    *,
    attack: Attack = PGD(),
    norm: Norm | None = None,
    bounds: str = AttackSettings.bounds,
    loss: Loss = AttackSettings.loss,
    targets: Targets | None = None,
    max_eps: float | None = None,
    tolerance: float = DistanceSettings.tolerance,
    seed: int = 0,
    batch_size: int | None = None,
) -> Distances:
    """Return the smallest perturbation that changes the label of each image.

    Parameters
    ----------
    model, images, labels, attack, norm, bounds, loss, targets, seed, batch_size
        As for `attack`.
    max_eps : float, optional
        Largest radius tried; by default 10 times the median norm of the images.
    tolerance : float
        Relative tolerance of the distance.

    Returns
    -------
    Distances
        `status` is fooled, censored (nothing up to `max_eps` fooled it: `distance` is inf) or
        misclassified (never attacked: `distance` is NaN). `median()` accounts for all three.

    Raises
    ------
    ModelError, DataError, UsageError
        As for `attack`.

    Examples
    --------
    >>> import torch
    >>> one_pixel_wins = torch.nn.Flatten()  # the logits are the two pixels
    >>> images, labels = torch.tensor([[[[0.7, 0.3]]]]), torch.tensor([0])
    >>> from specrob.settings.attacks import Minimal
    >>> found = critical_distances(one_pixel_wins, images, labels, attack=Minimal())
    >>> f"{found.distance[0]:.2f}"  # 0.4 / sqrt(2)
    '0.28'
    """
    loaded = _labelled(model, images, labels, attack)
    settings = AttackSettings(norm=norm, bounds=bounds, loss=loss, targets=targets)
    distance = DistanceSettings(max_eps=max_eps, tolerance=tolerance)
    context = RunContext(seed, batch_size)
    return _warned(distances.critical_distances(loaded, attack, settings, distance, context))


def _labelled(
    model: Model, images: Values | None, labels: Values | None, attack: Attack
) -> LoadedModel:
    """Return the model with images and their labels, where the attack is one."""
    if not isinstance(attack, Attack):
        raise UsageError(f"expected `attack` such as specrob.PGD(steps=20), found {attack!r}")
    if images is not None and labels is None:
        raise DataError("expected `labels` beside `images`, found none")
    return load_model(model, images, labels)


def _warned(result: R) -> R:
    """Return a result after its warnings."""
    for text in result.warnings or ():
        warnings.warn(text, stacklevel=3)
    return result
