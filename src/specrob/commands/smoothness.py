"""specrob smoothness."""

from specrob.commands.framework.arguments import Model
from specrob.commands.framework.command import command
from specrob.commands.framework.members import for_each_member
from specrob.commands.framework.run import Run
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.measures import SmoothnessSettings


@for_each_member("model")
@command
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
