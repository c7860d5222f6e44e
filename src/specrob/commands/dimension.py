"""specrob dimension."""

from specrob.commands.framework.arguments import Model
from specrob.commands.framework.run import Run
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.measures import DimensionSettings


@command_for_seeds("model")
def dimension(
    settings: DimensionSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
) -> None:
    """Measure the intrinsic dimension of a layer's activations, or of images.

    It is estimated from the distances of every image to its two nearest
    neighbours (TwoNN). MODEL may be the word `images`, or an NPZ with
    activations x (images, units).

    Example: specrob dimension images --transform pca:8 -o dimension.json
    """
    run.check_outputs("dimension")
    from specrob.experiments.dimensions import measure_dimensions

    representation = run.load_representation(model, weights, images)
    result = measure_dimensions(representation, settings, run.context("dimension"))
    run.write(result, representation.data)
