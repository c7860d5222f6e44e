"""Files: one artifact in, one artifact out, with its provenance."""

from specrob.artifacts.artifact import Artifact, digest
from specrob.artifacts.contract import expect, to_result
from specrob.artifacts.formats import decode, encode
from specrob.artifacts.provenance import Data, Provenance, Source
from specrob.artifacts.streams import read, write

__all__ = [
    "Artifact",
    "Data",
    "Provenance",
    "Source",
    "decode",
    "digest",
    "encode",
    "expect",
    "read",
    "to_result",
    "write",
]
