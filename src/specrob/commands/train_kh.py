"""specrob train-kh."""

from typing import Annotated

from specrob.commands.framework.command import Chosen, command
from specrob.commands.framework.run import Run
from specrob.commands.framework.seeds import for_each_seed
from specrob.registry import RULES
from specrob.settings.flag import Flag
from specrob.settings.images import ImageSettings
from specrob.settings.local import KrotovHopfield, LocalSettings, Rule, parse_rule
from specrob.settings.run import CheckpointSettings

ChosenRule = Annotated[
    Rule,
    Chosen(
        name="rule",
        flag=Flag(
            "Local learning rule, with its constants: {rules}.",
            metavar="NAME[,KEY=VALUE]",
            complete=RULES.names,
        ),
        default="krotov-hopfield",
        build=parse_rule,
        records=(KrotovHopfield,),
    ),
]


@for_each_seed
@command
def train_kh(
    rule: ChosenRule,
    local: LocalSettings,
    checkpoint: CheckpointSettings,
    images: ImageSettings,
    run: Run,
) -> None:
    """Train a hidden layer by a local rule, by default that of Krotov and Hopfield.

    Example: specrob train-kh --hidden 20 --epochs 5 -o layer.safetensors
    """
    run.check_outputs("model", distributed=True, checkpoint=checkpoint)
    from specrob.experiments.train_local import train_local_layer, warnings
    from specrob.models import to_artifact

    run.start(local.precision)
    context = run.context("local learning, epochs", checkpoint)
    network, data = train_local_layer(images, rule, local, context)
    run.write(to_artifact(network), data)
    run.say_all(warnings(network))
