"""How jobs that know nothing of one another share the images of a measure."""

from dataclasses import dataclass
from typing import Annotated

from specrob.errors import UsageError
from specrob.settings.flag import Flag
from specrob.settings.run import CheckpointSettings

MOST = 100_000  # shards of one measure


def parse_shard(text: str) -> tuple[int, int]:
    """Return which shard is meant, from 1 on, and how many there are.

    >>> parse_shard("2/4")
    (2, 4)
    """
    first, slash, last = text.partition("/")
    if not (slash and first.isascii() and last.isascii() and first.isdigit() and last.isdigit()):
        raise UsageError(f"expected I/N, for instance 1/4, found `{text}`")
    number, count = int(first), int(last)
    if not 1 <= number <= count <= MOST:
        raise UsageError(f"expected I/N with I from 1 to N, N up to {MOST:,}, found `{text}`")
    return number, count


@dataclass(frozen=True)
class ImageCheckpointSettings(CheckpointSettings):
    """How the state of a measure of images is saved and resumed, and which of them it takes."""

    shard: Annotated[
        tuple[int, int] | None,
        Flag(
            "Measure the images of one of N shards; `specrob merge` joins the outputs of all.",
            metavar="I/N",
            parse=parse_shard,
        ),
    ] = None

    def kind_of_output(self, kind: str) -> str:
        """Return the kind of the output, where that of the whole measure is known.

        >>> ImageCheckpointSettings(shard=(1, 4)).kind_of_output("distances")
        'checkpoint'
        """
        return kind if self.shard is None else "checkpoint"

    def part_of_images(self) -> tuple[int, int] | None:
        """Return the shard.

        >>> ImageCheckpointSettings(shard=(1, 4)).part_of_images()
        (1, 4)
        """
        return self.shard
