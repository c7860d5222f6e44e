"""specrob invert."""

from specrob.commands.framework.arguments import Model
from specrob.commands.framework.image_run import ImageRun
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.inversion import InversionSettings
from specrob.settings.shards import ImageCheckpointSettings


@command_for_seeds("model")
def invert(
    settings: InversionSettings,
    checkpoint: ImageCheckpointSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: ImageRun,
    model: Model = "-",
) -> None:
    """Make images that a layer represents as it does the images of a split.

    Pixels of another image, or of noise, follow the gradient that brings the
    layer's activations to those of the image, whose label they get. The output
    is images for --data; the other split in the file stays.

    Example: specrob invert bp.safetensors --split train -o inverted.npz
    """
    run.check_outputs("images", distributed=True, checkpoint=checkpoint)
    from specrob.experiments.inversion import invert_layer

    before = run.images_there(run.output) if checkpoint.shard is None else None
    loaded = run.load(model, weights, images)
    context = run.context("invert, images", checkpoint, file_per_process=True)
    made = invert_layer(loaded, settings, context, before=before)
    run.write(run.beside_there(made, run.output), loaded.data)
