"""Every attack: one file and one row each.

An attack is a function of a model, images and labels. A row says, for the curves and the
critical distances, how an attack is prepared once and then asked for many radii.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from specrob.measures.attacks.fgsm import fgsm, fgsm_direction
from specrob.measures.attacks.pgd import StepSize, pgd
from specrob.measures.attacks.problem import LOSSES, Problem, along, margin
from specrob.measures.attacks.random import gaussian_noise, random_direction

__all__ = [
    "ATTACKS",
    "LOSSES",
    "Attack",
    "Perturb",
    "Problem",
    "StepSize",
    "along",
    "fgsm",
    "gaussian_noise",
    "margin",
    "pgd",
    "random_direction",
]

Perturb = Callable[[Tensor, Tensor], Tensor]  # rows (R,), radii (R,) -> perturbed images (R, ...)


@dataclass(frozen=True)
class Attack:
    """How an attack runs over many radii.

    Parameters
    ----------
    prepare : callable (problem, **options) -> Perturb
    norm : str
        The norm of its radius unless another is asked for.
    ray : bool
        Whether all radii lie on one straight line from the image.
    options : tuple of str
        What `prepare` takes beside the problem.

    Examples
    --------
    >>> [name for name, attack in ATTACKS.items() if not attack.ray]
    ['pgd']
    """

    prepare: Callable[..., Perturb]
    norm: str
    ray: bool = True
    options: tuple[str, ...] = ()


def _ray(direction: Callable[[Problem], Tensor]) -> Callable[[Problem], Perturb]:
    """Return the preparation of an attack along fixed directions, found once."""

    def prepare(problem: Problem) -> Perturb:
        found = direction(problem)
        return lambda rows, eps: along(
            problem.images[rows], found[rows], eps=eps, bounds=problem.bounds.take(rows)
        )

    return prepare


def _random(problem: Problem) -> Tensor:
    return random_direction(
        problem.images, norm=problem.norm, seed=problem.seed, index=problem.index
    )


def _noise(problem: Problem) -> Tensor:
    return gaussian_noise(problem.images, seed=problem.seed, index=problem.index)


def _fgsm(problem: Problem) -> Tensor:
    return fgsm_direction(
        problem.model, problem.images, problem.labels, norm=problem.norm, loss=problem.loss
    )


def _pgd(problem: Problem, **options: Any) -> Perturb:
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
            **options,
        )

    return perturb


ATTACKS = {
    "random": Attack(_ray(_random), "l2"),
    "fgsm": Attack(_ray(_fgsm), "linf"),
    "pgd": Attack(
        _pgd,
        "linf",
        ray=False,
        options=("steps", "step_size", "step", "random_start", "restarts", "project"),
    ),
    "noise": Attack(_ray(_noise), "l2"),
}
