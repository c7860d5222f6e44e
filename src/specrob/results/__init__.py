"""One record for each kind of artifact: its fields, their axes and units are the contract on disk.

The name of a field is the name of the array, or of the fact, in the file. Reading a file checks it
against its record; the documentation's page about artifacts is made from these records.

Letters: ``S`` spectra, ``N`` ranks, ``I`` their images, ``B`` images of ``C`` by ``H`` by ``W``,
``E`` radii, ``R`` replicates or chosen ranks, ``V`` by ``U`` points of a plane, ``D`` pixels.
"""

from specrob.results.attacks import (
    ATTACK_OPTIONS,
    Adversarial,
    AttackResult,
    Distances,
    Robustness,
)
from specrob.results.maps import JacobianNorms, Landscape, Sensitivity, Smoothness
from specrob.results.networks import (
    ESTIMATED_ALPHA,
    TRUE_ALPHA,
    Arrays,
    Attempt,
    Checkpoint,
    Model,
    Pruning,
    Weights,
)
from specrob.results.record import Array, Axes, Facts, Format, Record, Result, array_axes, recorded
from specrob.results.spectra import AlphaMap, Fit, PowerLaw, Spectrum

__all__ = [
    "ATTACK_OPTIONS",
    "ESTIMATED_ALPHA",
    "TRUE_ALPHA",
    "Adversarial",
    "AlphaMap",
    "Array",
    "Arrays",
    "AttackResult",
    "Attempt",
    "Axes",
    "Checkpoint",
    "Distances",
    "Facts",
    "Fit",
    "Format",
    "JacobianNorms",
    "Landscape",
    "Model",
    "PowerLaw",
    "Pruning",
    "Record",
    "Result",
    "Robustness",
    "Sensitivity",
    "Smoothness",
    "Spectrum",
    "Weights",
    "array_axes",
    "recorded",
]
