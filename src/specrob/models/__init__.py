"""Networks: their architectures, layers, weights and files."""

from specrob.models.architectures import ArchitectureSpec as ArchitectureSpec
from specrob.models.architectures import architecture_of as architecture_of
from specrob.models.architectures import build as build
from specrob.models.architectures import parse_architecture as parse_architecture
from specrob.models.architectures import with_options as with_options
from specrob.models.layered_network import LayeredNetwork as LayeredNetwork
from specrob.models.layers import activations as activations
from specrob.models.local_layer import LocalLayer as LocalLayer
from specrob.models.local_layer import LocalModel as LocalModel
from specrob.models.preprocessing import Standardized as Standardized
from specrob.models.serialization import Network as Network
from specrob.models.serialization import from_artifact as from_artifact
from specrob.models.serialization import from_weights as from_weights
from specrob.models.serialization import to_artifact as to_artifact
from specrob.models.shallow import Linear as Linear
from specrob.models.shallow import ShallowNet as ShallowNet
from specrob.models.untrained import untrained as untrained
