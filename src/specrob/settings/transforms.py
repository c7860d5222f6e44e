"""Transforms of the pixels, as words: the one table of these words."""

import re
from dataclasses import dataclass

from specrob import grammar
from specrob.errors import UsageError
from specrob.registry import suggest

COUNT, NUMBER = r"[1-9]\d{0,8}", r"\d*\.?\d+(?:e[+-]?\d+)?"
# name -> how it is written, the pattern of its number, and the number where none is given; a name
# without a pattern takes no number
TRANSFORMS = {
    "noise": ("noise:STD", NUMBER, ""),
    "pca": ("pca:K", COUNT, ""),
    "zca": ("zca[:EPS]", NUMBER, "1e-5"),
    "phase-scramble": ("phase-scramble", "", ""),
    "none": ("none", "", ""),
}


@dataclass(frozen=True)
class TransformSpec:
    """One transform of the pixels: its name, and its number, 0 where it takes none.

    >>> TransformSpec.parse("zca")
    TransformSpec(name='zca', number=1e-05)
    """

    name: str
    number: float = 0.0

    def __str__(self) -> str:
        return f"{self.name}:{self.number:.12g}" if self.number else self.name

    @classmethod
    def parse(cls, text: str) -> "TransformSpec":
        """Return the transform that a word names, in one of the forms of `TRANSFORMS`.

        Raises
        ------
        UsageError
            If it is none of these.
        """
        name, colon, number = text.partition(":")
        if name not in TRANSFORMS:
            forms = ", ".join(form for form, _, _ in TRANSFORMS.values())
            raise UsageError(f"expected {forms}, found `{text}`; {suggest(name, TRANSFORMS)}")
        form, pattern, default = TRANSFORMS[name]
        if not pattern:
            if colon:
                raise UsageError(f"expected {form} without a number, found `{text}`")
            return cls(name)
        number = number if colon else default
        if not re.fullmatch(pattern, number) or not 0 < float(number) < grammar.LARGEST:
            raise UsageError(f"expected {form} with a number above 0, found `{text}`")
        return cls(name, float(number))


NO_TRANSFORM = TransformSpec("none")
