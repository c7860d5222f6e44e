"""Files: one artifact in, one artifact out, with its provenance."""

from specrob.artifacts.artifact import Artifact as Artifact
from specrob.artifacts.artifact import digest as digest
from specrob.artifacts.contract import expect as expect
from specrob.artifacts.contract import to_result as to_result
from specrob.artifacts.formats import decode as decode
from specrob.artifacts.formats import encode as encode
from specrob.artifacts.provenance import Data as Data
from specrob.artifacts.provenance import Provenance as Provenance
from specrob.artifacts.provenance import Source as Source
from specrob.artifacts.streams import read as read
from specrob.artifacts.streams import write as write
