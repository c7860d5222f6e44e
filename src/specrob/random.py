"""Random numbers that do not depend on the batch, the process or the device."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from specrob.errors import ModelError

# purpose of the random numbers -> number of the independent stream, never used for another
STREAMS = {
    **{"directions": 0, "starts": 1, "plane": 2, "white noise": 3, "pixel noise": 4},
    **{"attack noise": 5, "noise images": 6},  # so far of `normals`, an image each
    **{"local weights": 7, "local order": 8, "weights": 9, "order": 10, "probes": 11},
    **{"dropout": 12, "statistics": 13, "bootstrap": 14, "subspace": 15, "phases": 16},
    **{"targets": 17, "start images": 18, "start pixels": 19},  # of `uniforms`, an image each
    "adversarial training": 20,
}


def normals(
    shape: Sequence[int], *, seed: int, index: Sequence[int], stream: str, draw: int = 0
) -> Tensor:
    """Return N(0, 1) numbers for every index, the same whatever the batch, process or device.

    Counter-based (Philox): the numbers of an image depend on its index, the seed and the stream.

    Parameters
    ----------
    shape : sequence of int
        Shape of one image.
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
        _generator(seed, stream, image, draw).standard_normal(out=row, dtype=np.float32)
    return torch.from_numpy(drawn)


def uniforms(shape: Sequence[int], *, seed: int, index: Sequence[int], stream: str) -> Tensor:
    """Return numbers uniform in [0, 1) for every index, (B, *shape), as `normals` does.

    >>> both = uniforms([2], seed=0, index=[4, 5], stream="start pixels")
    >>> torch.equal(both[1:], uniforms([2], seed=0, index=[5], stream="start pixels"))
    True
    """
    drawn = np.empty((len(index), *shape), np.float32)
    for row, image in zip(drawn, index, strict=True):
        _generator(seed, stream, image).random(out=row, dtype=np.float32)
    return torch.from_numpy(drawn)


def others(own: Tensor, count: int, *, seed: int, index: Tensor, stream: str) -> Tensor:
    """Return for every index a number below `count`, (B,), that is not its own, all as likely.

    >>> from collections import Counter
    >>> own, index = torch.full((900,), 2), torch.arange(900)
    >>> sorted(Counter(others(own, 4, seed=0, index=index, stream="targets").tolist()))
    [0, 1, 3]
    """
    drawn = uniforms([1], seed=seed, index=index.tolist(), stream=stream)[:, 0]
    offset = (drawn.double() * (count - 1)).long()  # MPS has no float64
    return (own + 1 + offset.to(own.device)) % count


def _generator(seed: int, stream: str, image: int, draw: int = 0) -> np.random.Generator:
    key = [(int(seed) << 8) | _stream_number(stream), (draw << 40) | int(image)]
    return np.random.Generator(np.random.Philox(key=key))


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
    mixed = np.random.SeedSequence(seed, spawn_key=(_stream_number(stream), part))
    return int(mixed.generate_state(1)[0])


def make_generator(seed: int, stream: str, part: int = 0) -> torch.Generator:
    """Return a generator on the CPU, so that a seed means the same on every device.

    Streams, and parts of one, are independent of one another.

    >>> first, second = (make_generator(3, "weights", attempt) for attempt in (0, 1))
    >>> torch.equal(torch.rand(5, generator=first), torch.rand(5, generator=second))
    False
    """
    return torch.Generator().manual_seed(derive_seed(seed, stream, part))


def restore_generator_(generator: torch.Generator, state: Tensor) -> None:
    """Put a generator on the CPU back into a state.

    Raises
    ------
    ModelError
        If it is no state of one.

    Examples
    --------
    >>> one, other = make_generator(3, "weights"), torch.Generator()
    >>> restore_generator_(other, one.get_state())
    >>> torch.equal(torch.rand(5, generator=one), torch.rand(5, generator=other))
    True
    """
    try:
        generator.set_state(state)
    except (RuntimeError, TypeError) as error:
        raise ModelError(
            "expected the state of a random generator in the checkpoint, found other bytes; "
            "resume from another, or begin anew"
        ) from error


def _stream_number(stream: str) -> int:
    if stream not in STREAMS:
        raise ValueError(f"expected a stream among {', '.join(STREAMS)}, found `{stream}`")
    return STREAMS[stream]
