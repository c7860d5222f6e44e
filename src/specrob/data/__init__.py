"""Images and labels: their sources, and how they are normalized."""

from specrob.data.image_set import ImageSet
from specrob.data.minibatches import default_batch_size, minibatches
from specrob.data.normalization import channel_statistics, image_norm, normalize_
from specrob.data.sources import parse_source
from specrob.data.splits import describe_source, load_image_set
from specrob.data.transforms import fit_transforms, stimulus_dimension

__all__ = [
    "ImageSet",
    "channel_statistics",
    "describe_source",
    "fit_transforms",
    "image_norm",
    "load_image_set",
    "minibatches",
    "normalize_",
    "parse_source",
    "default_batch_size",
    "stimulus_dimension",
]
