"""Where numbers are computed, and random numbers that do not depend on where."""

import atexit
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from specrob.errors import DeviceError

SMALL_STEP = 3e7  # multiplications
# what random numbers are for; each has numbers of its own, and a place once given is not reused
STREAMS = {
    **{"directions": 0, "starts": 1, "plane": 2, "white noise": 3, "pixel noise": 4},
    **{"attack noise": 5, "noise images": 6},  # so far of `normals`, an image each
    **{"local weights": 7, "local order": 8, "weights": 9, "order": 10, "probes": 11},
    **{"dropout": 12, "statistics": 13, "bootstrap": 14, "subspace": 15},
}


def resolve(name: str = "auto") -> torch.device:
    """Return the device of that name; "auto" is cuda where that is there, else the CPU.

    Raises
    ------
    DeviceError
        If the device is not there.

    Examples
    --------
    >>> resolve("cpu")
    device(type='cpu')
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = "cuda" if there["cuda"] else "cpu"
    if not there.get(name, False):
        found = ", ".join(device for device in there if there[device])
        raise DeviceError(f"expected the device `{name}`, found only {found}; change --device")
    if name == "cuda":  # the same command, the same bytes
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    return torch.device(name)


@dataclass(frozen=True)
class Processes:
    """Which process of those that ``torchrun`` started; alone by default."""

    rank: int = 0
    count: int = 1

    def own_files(self, files: Mapping[str, object], names: Sequence[str]) -> dict[str, object]:
        """Return the files of those names that are this process's: all but the first number them.

        >>> Processes(1, 2).own_files({"checkpoint": "a.st", "every": 1}, ["checkpoint"])
        {'checkpoint': 'a.st.1'}
        """
        number = f".{self.rank}" if self.rank else ""
        return {name: files[name] and f"{files[name]}{number}" for name in names}

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum over processes, differentiable as often as one likes.

        >>> Processes().sum(torch.ones(2))
        tensor([1., 1.])
        """
        return values if self.count == 1 else _Sum.apply(values)


ALONE = Processes()


class _Sum(torch.autograd.Function):
    """The sum over processes is its own transpose: gradients are summed likewise."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        place = "cuda" if torch.distributed.get_backend() == "nccl" else "cpu"
        dtype = torch.uint8 if values.dtype is torch.bool else values.dtype
        whole = values.to(place, dtype).clone(memory_format=torch.contiguous_format)
        try:
            torch.distributed.all_reduce(whole)
        except RuntimeError as error:
            raise DeviceError(
                "expected every process to answer, found one gone "
                f"({str(error).splitlines()[0]:.80}); see what it says"
            ) from error
        return whole.to(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _Sum.apply(gradient)


def join_processes(device: torch.device) -> Processes:
    """Return which of the processes of ``torchrun`` this is, after they have found each other."""
    distributed = torch.distributed
    if not (distributed.is_available() and distributed.is_torchelastic_launched()):
        return Processes()
    if not distributed.is_initialized():
        if device.type == "cuda":
            place, there = distributed.get_node_local_rank(), torch.cuda.device_count()
            if place >= there:
                raise DeviceError(
                    f"expected a GPU for each process, found {there}; lower --nproc-per-node"
                )
            torch.cuda.set_device(place)
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(distributed.destroy_process_group)
    return Processes(distributed.get_rank(), distributed.get_world_size())


@cache
def product_dtype(dtype: torch.dtype, device: torch.device) -> torch.dtype:
    """Return in which precision products of numbers of a precision are taken there.

    A processor without bfloat16 matrix units multiplies bfloat16 more slowly than float32, in
    which numbers rounded to bfloat16 have the same products.

    >>> product_dtype(torch.float64, torch.device("cpu"))
    torch.float64
    """
    emulated = dtype is torch.bfloat16 and device.type == "cpu"
    has_units = getattr(torch.cpu, "get_capabilities", dict)().get("amx_bf16", False)
    return torch.float32 if emulated and not has_units else dtype


@contextmanager
def flush_subnormals() -> Iterator[None]:
    """Count float32 numbers below 1.2e-38 as 0 on the CPU, in this thread and those it starts.

    Weights that a penalty drives there made products take ten times as long.

    >>> with flush_subnormals():
    ...     float(torch.tensor(1e-40) * 1)
    0.0
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The value of the smallest subnormal")  # older numpy
        torch.set_flush_denormal(True)
        try:
            yield
        finally:
            torch.set_flush_denormal(False)


@contextmanager
def threads_for(multiplications: float) -> Iterator[None]:
    """Use one thread for steps so small that threads would mostly wait for one another.

    On a busy machine two threads took 59 s for digits that one did in 3 s.

    >>> with threads_for(10):
    ...     torch.get_num_threads()
    1
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1 if multiplications < SMALL_STEP else threads)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def normals(
    shape: Sequence[int], *, seed: int, index: Sequence[int], stream: str, draw: int = 0
) -> Tensor:
    """Return N(0, 1) numbers for every index, the same whatever the batch, process or device.

    Counter-based (Philox): the numbers of an image depend on its index, the seed and the stream.

    Parameters
    ----------
    shape : sequence of int
        Of one image.
    seed : int, 0 to 2^55 - 1
    index : sequence of int, (B,)
        Positions of the images in their split.
    stream : str
        A key of `STREAMS`; different streams are independent.
    draw : int, 0 to 2^23 - 1
        Which of many independent draws for the same image.

    Returns
    -------
    Tensor, (B, *shape), float32, on the CPU

    Examples
    --------
    >>> both = normals([2], seed=0, index=[4, 5], stream="plane")
    >>> torch.equal(both[1:], normals([2], seed=0, index=[5], stream="plane"))
    True
    """
    drawn = np.empty((len(index), *shape), np.float32)
    for row, image in zip(drawn, index, strict=True):
        key = [(int(seed) << 8) | _place(stream), (draw << 40) | int(image)]
        bits = np.random.Philox(key=key)
        np.random.Generator(bits).standard_normal(out=row, dtype=np.float32)
    return torch.from_numpy(drawn)


def derive_seed(seed: int, stream: str, part: int = 0) -> int:
    """Return 32 bits that depend on every bit of the seed, and on stream and part.

    torch's generator on the CPU begins with the low 32 bits of its seed: a seed and that seed
    plus 2^32 give the same numbers there. So all that should matter is hashed into 32 bits.

    Parameters
    ----------
    seed : int, 0 or more
    stream : str
        A key of `STREAMS`.
    part : int, 0 or more
        Which of many independent ones: an attempt, an epoch, a step.

    Examples
    --------
    >>> derive_seed(3, "order") == derive_seed(3 + 2**32, "order")
    False
    """
    mixed = np.random.SeedSequence(seed, spawn_key=(_place(stream), part))
    return int(mixed.generate_state(1)[0])


def generator(seed: int, stream: str, part: int = 0) -> torch.Generator:
    """Return a generator on the CPU, so that a seed means the same on every device.

    Streams, and parts of one, are independent of one another.

    >>> first, second = (generator(3, "weights", attempt) for attempt in (0, 1))
    >>> torch.equal(torch.rand(5, generator=first), torch.rand(5, generator=second))
    False
    """
    return torch.Generator().manual_seed(derive_seed(seed, stream, part))


def _place(stream: str) -> int:
    if stream not in STREAMS:
        raise ValueError(f"expected a stream among {', '.join(STREAMS)}, found `{stream}`")
    return STREAMS[stream]
