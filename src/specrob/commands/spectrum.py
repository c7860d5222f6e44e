"""specrob spectrum."""

from specrob.commands.framework.arguments import Model
from specrob.commands.framework.run import Run
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.measures import SpectrumSettings


@command_for_seeds("model")
def spectrum(
    settings: SpectrumSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
) -> None:
    """Measure the covariance eigenvalues of a layer's activations.

    MODEL may be the word `images`, or an NPZ with activations x (images, units),
    or with --cv two repeats x (2, images, units).

    Example: specrob spectrum kh.safetensors --noise -o spectrum.npz
    """
    run.check_outputs("spectrum", distributed=True)
    from specrob.experiments.spectra import measure_spectra

    representation = run.load_representation(model, weights, images)
    result = measure_spectra(representation, settings, run.context("spectrum"))
    run.write(result, representation.data)
