"""specrob train-kh."""

from specrob.commands.old_run import Run
from specrob.commands.options import ImageOptions, expand
from specrob.commands.options_learning import CheckpointOptions, LocalOptions
from specrob.commands.seeds import for_each_seed


@for_each_seed
@expand
def train_kh(local: LocalOptions, kept: CheckpointOptions, images: ImageOptions, run: Run) -> None:
    """Train a hidden layer by the local rule of Krotov and Hopfield.

    Example: specrob train-kh --hidden 20 --epochs 5 -o layer.safetensors
    """
    run.begin("model", shares=True)
    from specrob.experiments.train_local import LocalSettings, train_local_layer, warnings
    from specrob.models import to_artifact

    plan = LocalSettings(**vars(local), batch_size=run.batch_size, seed=run.seed)
    how = run.course(kept, "local learning, epochs", local.precision)
    network, data = train_local_layer(run.wish(images), plan, **how)
    run.finish(to_artifact(network), data)
    run.say_all(warnings(network))
