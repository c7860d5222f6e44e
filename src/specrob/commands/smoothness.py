"""specrob smoothness."""

from specrob.commands.framework.arguments import Model
from specrob.commands.framework.members import command_for_members
from specrob.commands.framework.run import Run
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.measures import SmoothnessSettings


@command_for_members("model")
def smoothness(
    settings: SmoothnessSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
) -> None:
    """Measure norms of the first weights, and of layers' exact Jacobians over the images.

    Example: specrob smoothness kh.safetensors --layer latent --layer logits -o smoothness.json
    """
    run.check_outputs("smoothness")
    from specrob.experiments.smoothness import measure_smoothness

    loaded = run.load(model, weights, images)
    result = measure_smoothness(loaded, settings, run.context("smoothness, images"))
    run.write(result, loaded.data)
