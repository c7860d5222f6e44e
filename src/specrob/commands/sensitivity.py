"""specrob sensitivity."""

from specrob.commands.framework.arguments import Model
from specrob.commands.framework.run import Run
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.measures import SensitivitySettings


@command_for_seeds("model")
def sensitivity(
    settings: SensitivitySettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
) -> None:
    """Map how each pixel of chosen images changes eigenvalues of a layer.

    The covariance is that of all images, the derivative that with respect to
    the image as the network's own normalization leaves it.

    Example: specrob sensitivity kh.safetensors --ranks 1,5,10 -o sensitivity.npz
    """
    run.check_outputs("sensitivity")
    from specrob.experiments.sensitivities import map_sensitivity

    representation = run.load_representation(model, weights, images)
    result = map_sensitivity(representation, settings, run.context("sensitivity, images"))
    run.write(result, representation.data)
