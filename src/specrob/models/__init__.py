"""Weights and how they answer."""

from specrob.models.codec import Network, from_artifact, from_weights, to_artifact
from specrob.models.layers import activations
from specrob.models.preprocessing import Standardized
from specrob.models.shallow import Linear, LocalLayer, LocalModel, ShallowNet
from specrob.models.untrained import untrained
from specrob.models.zoo import ARCHITECTURES, Request, build, request, row_of, with_options

__all__ = [
    "ARCHITECTURES",
    "Linear",
    "LocalLayer",
    "LocalModel",
    "Network",
    "Request",
    "ShallowNet",
    "Standardized",
    "activations",
    "build",
    "from_artifact",
    "from_weights",
    "request",
    "row_of",
    "to_artifact",
    "untrained",
    "with_options",
]
