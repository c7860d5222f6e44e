"""Attacks as functions of a model, images and labels; one file each.

The records in `specrob.settings.attacks` hold their options and prepare them for many radii.
"""

from specrob.measures.attacks.batch import AttackBatch, PreparedAttack, step_along
from specrob.measures.attacks.fgsm import fgsm
from specrob.measures.attacks.losses import LOSSES, cross_entropy, margin
from specrob.measures.attacks.minimal import minimal
from specrob.measures.attacks.pgd import pgd
from specrob.measures.attacks.quantize import prepare_attack
from specrob.measures.attacks.random import gaussian_noise, random_direction
from specrob.settings.attacks import StepSize

__all__ = [
    "LOSSES",
    "AttackBatch",
    "PreparedAttack",
    "StepSize",
    "cross_entropy",
    "fgsm",
    "gaussian_noise",
    "margin",
    "minimal",
    "pgd",
    "prepare_attack",
    "random_direction",
    "step_along",
]
