"""specrob smoothness."""

from specrob.commands.framework.arguments import Model, PredictedFile
from specrob.commands.framework.run import Run
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.measures import SmoothnessSettings
from specrob.settings.shards import ImageCheckpointSettings


@command_for_seeds("model")
def smoothness(
    settings: SmoothnessSettings,
    checkpoint: ImageCheckpointSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
    distances: PredictedFile = None,
) -> None:
    """Measure norms of the first weights, and of layers' exact Jacobians over the images.

    Example: specrob smoothness kh.safetensors --layer latent --layer logits -o smoothness.json
    """
    run.check_outputs(
        "smoothness",
        distributed=True,
        checkpoint=checkpoint,
        save=(settings.save, "local-smoothness"),
    )
    from specrob.experiments.smoothness import measure_smoothness

    loaded = run.load(model, weights, images)
    context = run.context("smoothness, images", checkpoint, file_per_process=True)
    found = run.read(distances, ("distances", "bounds")) if distances is not None else None
    result = measure_smoothness(loaded, settings, context, distances=found)
    run.write(result.smoothness, loaded.data)
    if result.local is not None and settings.save is not None:
        run.write_beside(result.local, settings.save, loaded.data)
