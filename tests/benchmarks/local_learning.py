"""One step of local learning against its bare matrix product, in one run.

Run as ``python tests/benchmarks/local_learning.py``; prints ratios, asserts nothing.
"""

import statistics
import time

import torch

from specrob.learning.rules.krotov_hopfield import KrotovHopfieldRule

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

    rule = KrotovHopfieldRule()
    bare = seconds(lambda: x @ w.T)
    gflop = 2e-9 * IMAGES * PIXELS * UNITS
    print(f"{IMAGES} images, {PIXELS} pixels, {UNITS} units, {torch.get_num_threads()} threads")
    print(f"bare float32 product  {bare * 1e3:7.1f} ms  {gflop / bare:6.0f} GFLOP/s   1.00")
    for precision in (torch.float32, torch.bfloat16):
        update_ = rule.stepper(w, precision=precision)
        taken = seconds(lambda update_=update_: update_(x, 1e-3))
        name = str(precision).removeprefix("torch.")
        print(f"{name + ' step':20}  {taken * 1e3:7.1f} ms  {'':16}  {taken / bare:5.2f}")


if __name__ == "__main__":
    main()
