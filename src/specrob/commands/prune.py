"""specrob prune."""

from specrob.commands.framework.arguments import Model
from specrob.commands.framework.pipe import Pipe
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.measures import PruningSettings


@command_for_seeds("model")
def prune(pipe: Pipe, pruning: PruningSettings, model: Model = "-") -> None:
    """Prune hidden units whose weight variance exceeds a threshold.

    Example: specrob prune layer.safetensors --threshold auto -o pruned.safetensors
    """
    pipe.check_outputs("model")
    from specrob.experiments.pruning import prune as prune_units
    from specrob.models import from_artifact, to_artifact

    network = from_artifact(pipe.read(model, "model"))
    pruned = prune_units(network, pruning)
    pipe.write(to_artifact(pruned))
