"""specrob landscape."""

from typing import Annotated

import typer

from specrob.commands import options, parse
from specrob.commands.console import Run

Index = Annotated[int, typer.Option(min=0, help="Of the image in its split.")]
Span = Annotated[
    float | None,
    typer.Option(
        parser=parse.checked(parse.positive),
        metavar="X",
        help="Reach of the plane. (default 20 for l3, else 5.4 image norms)",
        show_default=False,
    ),
]
Points = Annotated[int, typer.Option(min=1, help="A side.")]
Of = Annotated[
    str | None,
    typer.Option(
        metavar="LAYER",
        help="Whose Jacobian norm: latent, hidden, logits. (default latent if there is one)",
        autocompletion=options.complete(("latent", "hidden", "logits")),
        show_default=False,
    ),
]


@options.expand
def landscape(
    images: options.ImageOptions,
    run: Run,
    model: options.Model = "-",
    arch: options.Arch = None,
    index: Index = 0,
    span: Span = None,
    points: Points = 100,
    of: Of = None,
) -> None:
    """Map label, confidence and Jacobian norm on a random plane through an image.

    The plane depends on --seed, --index and the image's size only, so that
    models share it.

    Example: specrob landscape kh.safetensors --index 3 --points 20 -o landscape.npz
    """
    run.begin("landscape")
    from specrob.artifacts import Artifact
    from specrob.experiments.landscapes import jacobian_layer, map_landscape

    subject = run.subject(model, arch, images)
    layer = of or jacobian_layer(subject)
    found = map_landscape(
        subject,
        index=index,
        span=span,
        points=points,
        of=layer,
        seed=run.seed,
        batch_size=run.at_a_time(),
        report=run.progress("landscape, points"),
    )
    run.finish(Artifact.of("landscape", found, of=layer), subject.data)
