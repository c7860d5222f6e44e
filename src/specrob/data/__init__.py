"""Images and labels: where they are found and how they are normalized."""

from specrob.data.batches import minibatches, shrink_batch
from specrob.data.datasets import Images, load
from specrob.data.normalization import channel_statistics, image_norm, normalize_
from specrob.data.sources import NAMES, parse
from specrob.data.transforms import Input, fit_inputs, stimulus_dimension

__all__ = [
    "NAMES",
    "Images",
    "Input",
    "channel_statistics",
    "fit_inputs",
    "image_norm",
    "load",
    "minibatches",
    "normalize_",
    "parse",
    "shrink_batch",
    "stimulus_dimension",
]
