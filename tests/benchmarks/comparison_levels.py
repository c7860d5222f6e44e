"""Level and coverage of `specrob compare` on synthetic members.

    PYTHONPATH=tests python tests/benchmarks/comparison_levels.py [REPETITIONS]

For 3 and 5 seeds, and a standard deviation over seeds below, as and above that over images, it
prints in how many repetitions a difference is found where there is none; how often the 95%
interval covers a known difference; and how often equivalence, and that the first group is not
worse, are claimed where it is worse by the margin.
"""

import sys
from math import exp, log

import numpy as np

from specrob.comparisons import compare_groups
from specrob.settings.claims import ComparisonSettings
from synthetic_members import OVER_IMAGES, groups

KNOWN, MARGIN = log(1.2), log(1.3)


def rates(seeds, over_seeds, repetitions, rng):
    """Return the shares of differences found, intervals that cover, and margins kept."""

    def answer(difference, **settings):
        a, b = groups(seeds, difference, over_seeds, rng)
        chosen = ComparisonSettings(quantity=("distance",), **settings)
        (one,) = compare_groups(a, b, chosen).answers
        return one

    margin = f"{100 * (exp(MARGIN) - 1)}%"
    found, covered, equal, not_worse = 0, 0, 0, 0
    for _ in range(repetitions):
        found += answer(0.0).verdict == "yes"
        known = answer(KNOWN)
        covered += known.low <= exp(KNOWN) <= known.high
        equal += answer(-MARGIN, kind="equivalent", margin=margin).verdict == "yes"
        not_worse += answer(-MARGIN, kind="not-worse", margin=margin).verdict == "yes"
    return [number / repetitions for number in (found, covered, equal, not_worse)]


def main(repetitions):
    """Print a line for each case."""
    print("seeds | s.d. over seeds / images | difference found | covered | equivalent | not worse")
    for seeds in (3, 5):
        for share in (0.1, 1.0, 2.0):
            rng = np.random.default_rng([seeds, int(10 * share)])
            found = rates(seeds, share * OVER_IMAGES, repetitions, rng)
            print(
                " | ".join([f"{seeds} | {share:g}", *(f"{one:.3f}" for one in found)]), flush=True
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
