"""Networks: their architectures, layers, weights and files."""

from specrob.models.architectures import (
    ArchitectureSpec,
    architecture_of,
    build,
    parse_architecture,
    with_options,
)
from specrob.models.layered_network import LayeredNetwork
from specrob.models.layers import activations
from specrob.models.local_layer import LocalLayer, LocalModel
from specrob.models.preprocessing import Standardized
from specrob.models.serialization import Network, from_artifact, from_weights, to_artifact
from specrob.models.shallow import Linear, ShallowNet
from specrob.models.untrained import untrained

__all__ = [
    "LayeredNetwork",
    "Linear",
    "LocalLayer",
    "LocalModel",
    "Network",
    "ArchitectureSpec",
    "ShallowNet",
    "Standardized",
    "activations",
    "build",
    "from_artifact",
    "from_weights",
    "parse_architecture",
    "architecture_of",
    "to_artifact",
    "untrained",
    "with_options",
]
