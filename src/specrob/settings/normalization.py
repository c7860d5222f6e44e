"""How the images of a network are normalized, as words: the one table of these words.

``none``; ``lP``, by the p-norm of each image; ``standard``, by mean and standard deviation of the
training images' channels; ``mean=M,std=S``, by one's own; ``half``, by 0.5 and 0.5.
"""

import re
from dataclasses import dataclass

from specrob import grammar
from specrob.errors import UsageError

STANDARD = "standard"
OWN = "mean=M+...,std=S+..."
NAMED = {"half": "mean=0.5,std=0.5"}  # names of such numbers: pixels in [0, 1] become [-1, 1]
FORMS = ("none", STANDARD, "lP with P of at least 1 (l2, l3)", *NAMED, OWN)


@dataclass(frozen=True)
class ChannelStatistics:
    """Mean and standard deviation of each channel, in pixel units; one number for all channels.

    >>> ChannelStatistics.parse("mean=0.5,std=0.25+1/4+0.3")
    ChannelStatistics(mean=(0.5,), std=(0.25, 0.25, 0.3))
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def parse(cls, text: str) -> "ChannelStatistics":
        """Return the statistics of ``mean=M+...,std=S+...``.

        Raises
        ------
        UsageError
            If it has another form, or a standard deviation is not above 0.
        """
        try:
            given = grammar.split_pairs(text.split(","))
            if set(given) != {"mean", "std"}:
                raise UsageError(f"expected mean and std, found `{text}`")
            mean = tuple(grammar.parse_number(word) for word in given["mean"].split("+"))
            std = tuple(grammar.parse_positive(word) for word in given["std"].split("+"))
        except UsageError as error:
            raise UsageError(
                f"`normalize`: {error}; write mean and standard deviation of each channel as "
                "mean=0.49+0.48+0.45,std=0.25+0.24+0.26"
            ) from None
        return cls(mean, std)


@dataclass(frozen=True)
class Normalization:
    """A normalization that was read from its words.

    Parameters
    ----------
    p : float or None
        Images are divided by their p-norm, when they are loaded.
    channels : ChannelStatistics or None
        Images are standardized by these, as the first layer of the network.
    by_training_images : bool
        The same, by the statistics of the training images.
    """

    p: float | None = None
    channels: ChannelStatistics | None = None
    by_training_images: bool = False

    @classmethod
    def parse(cls, text: str) -> "Normalization":
        """Return what the words mean.

        Raises
        ------
        UsageError
            If they are none of `FORMS`.

        Examples
        --------
        >>> Normalization.parse("l3").p, Normalization.parse("none").p
        (3.0, None)
        >>> Normalization.parse("half") == Normalization.parse("mean=0.5,std=0.5")
        True
        """
        if text == "none":
            return cls()
        if text == STANDARD:
            return cls(by_training_images=True)
        if "=" in text or text in NAMED:
            return cls(channels=ChannelStatistics.parse(NAMED.get(text, text)))
        match = re.fullmatch(r"l(\d+(?:\.\d+)?)", text)
        if match is None or float(match[1]) < 1:
            raise UsageError(
                f"`normalize`: expected {', '.join(FORMS[:-1])} or {FORMS[-1]}, found `{text}`"
            )
        return cls(p=float(match[1]))

    @property
    def is_layer(self) -> bool:
        """Whether it is the first layer of the network, so that radii are those of pixels."""
        return self.by_training_images or self.channels is not None
