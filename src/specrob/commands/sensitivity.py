"""specrob sensitivity."""

from specrob.commands.old_run import Run
from specrob.commands.options import ImageOptions, Model, WeightOptions, expand
from specrob.commands.options_measures import InputOptions, SensitivityOptions


@expand
def sensitivity(
    wanted: SensitivityOptions,
    inputs: InputOptions,
    network: WeightOptions,
    images: ImageOptions,
    run: Run,
    model: Model = "-",
) -> None:
    """Map how each pixel of chosen images changes eigenvalues of a layer.

    The covariance is that of all images, the derivative that with respect to
    the image as the network's own normalization leaves it.

    Example: specrob sensitivity kh.safetensors --ranks 1,5,10 -o sensitivity.npz
    """
    run.begin("sensitivity")
    from specrob.artifacts import Artifact
    from specrob.experiments.sensitivities import describe_sensitivity, map_sensitivity

    subject = run.subject(model, network, images, transform=inputs.transform)
    report = run.progress("sensitivity, images")
    how = {"batch_size": run.at_a_time(), "report": report}
    found = map_sensitivity(subject, **vars(wanted), **how)
    facts = describe_sensitivity(subject, wanted.layer)
    run.finish(Artifact.of("sensitivity", found, **facts), subject.data)
