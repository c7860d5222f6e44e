"""specrob spectrum."""

from typing import Annotated

import typer

from specrob.commands import options, parse
from specrob.commands.console import Run

Sizes = Annotated[
    options.Counts | None,
    typer.Option(
        parser=parse.checked(parse.counts),
        metavar="N,...",
        help="Numbers of first units; for images, of pixels in a centred square.",
        show_default=False,
    ),
]
Noise = Annotated[bool, typer.Option("--noise", help="Measure as many white-noise images too.")]
NoiseStd = Annotated[
    float, typer.Option(parser=parse.checked(parse.positive), metavar="X", help="Of a pixel.")
]
NoiseMean = Annotated[float, typer.Option(callback=parse.finite, help="Of a pixel.")]


@options.expand
def spectrum(
    images: options.ImageOptions,
    run: Run,
    model: options.Model = "-",
    arch: options.Arch = None,
    layer: options.Layers = None,
    sizes: Sizes = None,
    noise: Noise = False,
    noise_std: NoiseStd = 1.0,
    noise_mean: NoiseMean = 0.0,
) -> None:
    """Measure the covariance eigenvalues of a layer's activations.

    MODEL may be the word `images`, or an NPZ with activations x (images, units).

    Example: specrob spectrum kh.safetensors --noise -o spectrum.npz
    """
    run.begin("spectrum")
    from specrob.artifacts import Artifact
    from specrob.experiments.spectra import measure_spectra

    subject = run.subject(model, arch, images)
    found = measure_spectra(
        subject,
        layers=layer or (),
        sizes=sizes or (),
        noise=noise,
        noise_std=noise_std,
        noise_mean=noise_mean,
        seed=run.seed,
        batch_size=run.at_a_time(),
        report=run.progress("activations, images"),
    )
    run.finish(Artifact.of("spectrum", found), subject.data)
