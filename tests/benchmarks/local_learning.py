"""One step of local learning against its bare matrix product, in one run.

Run as ``python tests/benchmarks/local_learning.py``; prints ratios, asserts nothing.
"""

import statistics
import time

import torch

from specrob.learning.krotov_hopfield import Rule, update_
from specrob.learning.winners import winning_weight

IMAGES, PIXELS, UNITS = 1000, 3072, 2000


def seconds(function, repeats=15):
    """Return the median time of a call, after one to warm up."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main():
    """Print the table."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(IMAGES, PIXELS, generator=generator)
    x /= x.norm(p=3, dim=1, keepdim=True)
    w = torch.randn(UNITS, PIXELS, generator=generator)

    rule = Rule()
    bare = seconds(lambda: x @ w.T)
    gflop = 2e-9 * IMAGES * PIXELS * UNITS
    print(f"{IMAGES} images, {PIXELS} pixels, {UNITS} units, {torch.get_num_threads()} threads")
    print(f"bare float32 product  {bare * 1e3:7.1f} ms  {gflop / bare:6.0f} GFLOP/s   1.00")
    for precision in (torch.float32, torch.bfloat16):
        weight = winning_weight(w, rule.p, precision)
        how = {"rule": rule, "winners_in": precision, "weight": weight}
        taken = seconds(lambda how=how: update_(w, x, rate=1e-3, **how))
        name = str(precision).removeprefix("torch.")
        print(f"{name + ' step':20}  {taken * 1e3:7.1f} ms  {'':16}  {taken / bare:5.2f}")


if __name__ == "__main__":
    main()
