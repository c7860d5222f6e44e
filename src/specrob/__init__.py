"""Spectra and robustness of neural representations: a command-line toolbox and a library.

`import specrob` loads neither PyTorch nor NumPy: each name below is loaded when it is first used.
The folders stand in the order of the science: images (``data``), ``models``, ``learning``,
``measures``, figures (``plots``) and ``reports``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.11.2"

# name -> where it is
_PUBLIC = {
    "read": "specrob.api.files",
    "write": "specrob.api.files",
    "load_images": "specrob.api.files",
    "load_model": "specrob.api.files",
    "spectrum": "specrob.api.spectra",
    "fit_power_law": "specrob.api.spectra",
    "intrinsic_dimension": "specrob.api.spectra",
    "respectrum": "specrob.api.respectrum",
    "attack": "specrob.api.robustness",
    "critical_distances": "specrob.api.robustness",
    "certified_distances": "specrob.api.certificates",
    "landscape": "specrob.api.landscapes",
    "invert": "specrob.api.images",
    "train_local_layer": "specrob.api.training",
    "train_classifier": "specrob.api.training",
    "compare": "specrob.api.comparisons",
    "plot": "specrob.api.figures",
    "Random": "specrob.settings.attacks",
    "Noise": "specrob.settings.attacks",
    "FGSM": "specrob.settings.attacks",
    "PGD": "specrob.settings.attacks",
    "Minimal": "specrob.settings.attacks",
    "Worst": "specrob.settings.attacks",
    "StepSize": "specrob.settings.attack",
    "KrotovHopfield": "specrob.settings.local",
    "ImageSettings": "specrob.settings.images",
    "LocalSettings": "specrob.settings.local",
    "ArchitectureSettings": "specrob.settings.training",
    "TrainingSettings": "specrob.settings.training",
}
__all__ = ["__version__", *_PUBLIC]

if TYPE_CHECKING:
    from specrob.api.certificates import certified_distances as certified_distances
    from specrob.api.comparisons import compare as compare
    from specrob.api.figures import plot as plot
    from specrob.api.files import load_images as load_images
    from specrob.api.files import load_model as load_model
    from specrob.api.files import read as read
    from specrob.api.files import write as write
    from specrob.api.images import invert as invert
    from specrob.api.landscapes import landscape as landscape
    from specrob.api.respectrum import respectrum as respectrum
    from specrob.api.robustness import attack as attack
    from specrob.api.robustness import critical_distances as critical_distances
    from specrob.api.spectra import fit_power_law as fit_power_law
    from specrob.api.spectra import intrinsic_dimension as intrinsic_dimension
    from specrob.api.spectra import spectrum as spectrum
    from specrob.api.training import train_classifier as train_classifier
    from specrob.api.training import train_local_layer as train_local_layer
    from specrob.settings.attack import StepSize as StepSize
    from specrob.settings.attacks import FGSM as FGSM
    from specrob.settings.attacks import PGD as PGD
    from specrob.settings.attacks import Minimal as Minimal
    from specrob.settings.attacks import Noise as Noise
    from specrob.settings.attacks import Random as Random
    from specrob.settings.attacks import Worst as Worst
    from specrob.settings.images import ImageSettings as ImageSettings
    from specrob.settings.local import KrotovHopfield as KrotovHopfield
    from specrob.settings.local import LocalSettings as LocalSettings
    from specrob.settings.training import ArchitectureSettings as ArchitectureSettings
    from specrob.settings.training import TrainingSettings as TrainingSettings


def __getattr__(name: str) -> Any:
    """Return a public name, loaded when it is first used."""
    if name not in _PUBLIC:
        raise AttributeError(f"module `specrob` has no attribute `{name}`")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    """Return the public names, also of what is not loaded yet."""
    return sorted({*globals(), *_PUBLIC})
