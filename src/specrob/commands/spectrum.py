"""specrob spectrum."""

from specrob.commands.old_run import Run
from specrob.commands.options import ImageOptions, Model, WeightOptions, expand
from specrob.commands.options_measures import InputOptions, SpectrumOptions


@expand
def spectrum(
    wanted: SpectrumOptions,
    inputs: InputOptions,
    network: WeightOptions,
    images: ImageOptions,
    run: Run,
    model: Model = "-",
) -> None:
    """Measure the covariance eigenvalues of a layer's activations.

    MODEL may be the word `images`, or an NPZ with activations x (images, units),
    or with --cv two repeats x (2, images, units).

    Example: specrob spectrum kh.safetensors --noise -o spectrum.npz
    """
    run.begin("spectrum", shares=True)
    from specrob.artifacts import Artifact
    from specrob.experiments.spectra import Wanted, describe_inputs, measure_spectra

    subject = run.subject(model, network, images, transform=inputs.transform)
    how = {"seed": run.seed, "batch_size": run.at_a_time(), "processes": run.shared}
    report = run.progress("spectrum")
    found = measure_spectra(subject, Wanted.of(**vars(wanted)), **how, report=report)
    facts = describe_inputs(inputs.transform or (), network.weights)
    run.finish(Artifact.of("spectrum", found, **facts), subject.data)
