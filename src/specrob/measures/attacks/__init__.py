"""Attacks as functions of a model, images and labels; one file each.

The records in `specrob.settings.attacks` hold their options and prepare them for many radii.
"""

from specrob.measures.attacks.batch import AttackBatch as AttackBatch
from specrob.measures.attacks.batch import PreparedAttack as PreparedAttack
from specrob.measures.attacks.batch import step_along as step_along
from specrob.measures.attacks.fgsm import fgsm as fgsm
from specrob.measures.attacks.losses import LOSSES as LOSSES
from specrob.measures.attacks.losses import cross_entropy as cross_entropy
from specrob.measures.attacks.losses import margin as margin
from specrob.measures.attacks.minimal import minimal as minimal
from specrob.measures.attacks.pgd import pgd as pgd
from specrob.measures.attacks.quantize import prepare_attack as prepare_attack
from specrob.measures.attacks.random import gaussian_noise as gaussian_noise
from specrob.measures.attacks.random import random_direction as random_direction
from specrob.settings.attack import StepSize as StepSize
