"""What can go wrong for a user, by type; each message says expected, found, what to do."""


class SpecrobError(Exception):
    """Anything that depends on files, data or the device; one line, exit code 1."""


class UsageError(SpecrobError, ValueError):
    """The command line alone is wrong; one line, exit code 2."""


class ArtifactError(SpecrobError, ValueError):
    """The bytes read are not the artifact this step needs."""


class OutputError(SpecrobError, OSError):
    """The result cannot be written where it was asked for."""


class DataError(SpecrobError, ValueError):
    """The images or labels are missing or not what this step needs."""


class ModelError(SpecrobError, ValueError):
    """The weights do not make the network that was asked for."""


class MeasureError(SpecrobError, ValueError):
    """The quantity is not defined for this input."""


class DeviceError(SpecrobError, RuntimeError):
    """The device asked for is not there."""


class ShardMeasured(Exception):
    """The images of a shard are measured: there is their state to write, and no result yet.

    It is raised through the measures, which would make a result of the images of all shards, up
    to the command.

    Parameters
    ----------
    state : Artifact
    """

    def __init__(self, state: object):
        super().__init__("the images of a shard are measured")
        self.state = state
