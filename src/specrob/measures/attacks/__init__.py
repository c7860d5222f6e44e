"""Every attack: one file and one row each.

An attack is a function of a model, images and labels. A row says, for the curves and the
critical distances, how an attack is prepared once and then asked for many radii.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from specrob.measures.attacks.batch import LOSSES, AttackBatch, linear_distance, margin, step_along
from specrob.measures.attacks.fgsm import fgsm, fgsm_direction
from specrob.measures.attacks.minimal import minimal
from specrob.measures.attacks.pgd import StepSize, pgd
from specrob.measures.attacks.random import gaussian_noise, random_direction

__all__ = [
    "ATTACKS",
    "LOSSES",
    "Attack",
    "Perturb",
    "Prepared",
    "AttackBatch",
    "StepSize",
    "step_along",
    "fgsm",
    "gaussian_noise",
    "margin",
    "minimal",
    "pgd",
    "random_direction",
]

Perturb = Callable[[Tensor, Tensor], Tensor]  # rows (R,), radii (R,) -> perturbed images (R, ...)


@dataclass(frozen=True)
class Prepared:
    """An attack on the images of one problem, ready for any radius.

    Parameters
    ----------
    perturb : Perturb
    near : Tensor, (B,), optional
        Radius near which each image is expected to be fooled; None along a ray whose first
        crossing is wanted, wherever that is.
    """

    perturb: Perturb
    near: Tensor | None = None


@dataclass(frozen=True)
class Attack:
    """How an attack runs over many radii.

    Parameters
    ----------
    prepare : callable (problem, **options) -> Prepared
    norm : str
        The norm of its radius unless another is asked for.
    options : tuple of str
        What `prepare` takes beside the problem.
    weaker : str or None
        An attack that must not fool more images than this one.

    Examples
    --------
    >>> [name for name, attack in ATTACKS.items() if "steps" in attack.options]
    ['pgd', 'minimal']
    """

    prepare: Callable[..., Prepared]
    norm: str
    options: tuple[str, ...] = ()
    weaker: str | None = None


def _ray(direction: Callable[[AttackBatch], Tensor]) -> Callable[[AttackBatch], Prepared]:
    """Return the preparation of an attack along fixed directions, found once."""

    def prepare(problem: AttackBatch) -> Prepared:
        return Prepared(_along(problem, direction(problem)))

    return prepare


def _along(problem: AttackBatch, directions: Tensor) -> Perturb:
    return lambda rows, eps: step_along(
        problem.images[rows], directions[rows], eps=eps, bounds=problem.bounds.take(rows)
    )


def _random(problem: AttackBatch) -> Tensor:
    return random_direction(
        problem.images, norm=problem.norm, seed=problem.seed, index=problem.index
    )


def _noise(problem: AttackBatch) -> Tensor:
    return gaussian_noise(problem.images, seed=problem.seed, index=problem.index)


def _fgsm(problem: AttackBatch) -> Tensor:
    return fgsm_direction(
        problem.model,
        problem.images,
        problem.labels,
        norm=problem.norm,
        loss=problem.loss,
        gradients_in=problem.gradients_in,
    )


def _pgd(problem: AttackBatch, **options: Any) -> Prepared:
    def perturb(rows: Tensor, eps: Tensor) -> Tensor:
        return pgd(
            problem.model,
            problem.images[rows],
            problem.labels[rows],
            eps=eps,
            norm=problem.norm,
            loss=problem.loss,
            bounds=problem.bounds.take(rows),
            seed=problem.seed,
            index=problem.index[rows],
            gradients_in=problem.gradients_in,
            **{"stop": True} | options,
        )

    near = linear_distance(problem.model, problem.images, problem.labels, problem.geometry)
    return Prepared(perturb, near)


def _minimal(problem: AttackBatch, **options: Any) -> Prepared:
    found = minimal(
        problem.model,
        problem.images,
        problem.labels,
        norm=problem.norm,
        loss=problem.loss,
        bounds=problem.bounds,
        **options,
    )
    step = found - problem.images
    length = problem.geometry.length(step)
    near = torch.where(length > 0, length, torch.inf)
    return Prepared(_along(problem, problem.geometry.scale(step)), near)


ATTACKS = {
    "random": Attack(_ray(_random), "l2"),
    "fgsm": Attack(_ray(_fgsm), "linf", weaker="random"),
    "pgd": Attack(
        _pgd,
        "linf",
        options=("steps", "step_size", "step", "random_start", "restarts", "project"),
        weaker="fgsm",
    ),
    "minimal": Attack(_minimal, "l2", options=("steps",), weaker="fgsm"),
    "noise": Attack(_ray(_noise), "l2"),
}
