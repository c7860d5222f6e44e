"""specrob respectrum."""

from specrob.commands.framework.arguments import Model, importable
from specrob.commands.framework.run import Run
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.images import ImageSettings
from specrob.settings.respectrum import RespectrumSettings


@command_for_seeds("model")
def respectrum(
    settings: RespectrumSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
) -> None:
    """Give the input of a linear read-out another exponent, with every logit unchanged.

    A fixed linear layer is put before the read-out, which undoes it: accuracy,
    perturbations and distances stay, the spectrum of the penultimate layer
    changes. It is the control for "the exponent makes a network robust".

    Example: specrob respectrum bp.safetensors --alpha 2 -o steep.safetensors
    """
    run.check_outputs("model")
    from specrob.experiments.respectrum import respectrum as give_exponent
    from specrob.models import to_artifact

    importable(settings.arch)
    artifact = run.read(model, "model")
    run.say_default(artifact, images)
    network, data = give_exponent(artifact, images, settings, run.start(), run.seed)
    run.write(to_artifact(network), data)
