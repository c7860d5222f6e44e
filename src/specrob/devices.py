"""Devices, the precision of their products, and numbers of threads."""

import ctypes
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache

import torch

from specrob.errors import DeviceError
from specrob.settings.run import Precision

DTYPES: dict[Precision, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}
MALLOC_TRIM_THRESHOLD, MALLOC_MMAP_MAX = -1, -4  # options of glibc's mallopt
SMALL_STEP = 3e7  # multiplications


def resolve_device(name: str = "auto") -> torch.device:
    """Return the device of that name; "auto" is cuda where it is available, else the CPU.

    Raises
    ------
    DeviceError
        If the device is not available.

    Notes
    -----
    With a CUDA GPU the process computes products and convolutions in all bits of float32 from
    then on (no TF32), and chooses their algorithms without trying them.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = "cuda" if available["cuda"] else "cpu"
    if not available.get(name):
        names = ", ".join(device for device in available if available[device])
        raise DeviceError(f"expected the device `{name}`, found only {names}; change `device`")
    if name == "cuda":  # as exact as a processor: all bits of float32
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    return torch.device(name)


def repeat_bits() -> None:
    """Have this process compute with deterministic algorithms, so that bytes come again on a GPU.

    Commands do this; a notebook may. An operation that has no deterministic algorithm still runs,
    and torch warns of it by name. cuBLAS needs ``CUBLAS_WORKSPACE_CONFIG=:4096:8`` in the
    environment before the first product.

    References
    ----------
    .. [1] "Reproducibility", PyTorch documentation,
       https://docs.pytorch.org/docs/stable/notes/randomness.html.
    """
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


@cache
def product_dtype(dtype: torch.dtype, device: torch.device) -> torch.dtype:
    """Return the precision in which a device multiplies numbers fastest, with the same products.

    A processor without instructions for bfloat16 (AVX512-BF16, AMX) multiplies it more slowly than
    float32, in which numbers rounded to bfloat16 have the same products.

    >>> product_dtype(torch.float64, torch.device("cpu"))
    torch.float64
    """
    emulated = dtype is torch.bfloat16 and device.type == "cpu"
    has_units = {"amx_bf16", "avx512_bf16"} & _cpu_capabilities()
    return torch.float32 if emulated and not has_units else dtype


def products_in(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """Return a context in which networks multiply in that format.

    Weights and images are of float32, and rounded as they are multiplied.

    >>> with products_in("bfloat16", torch.device("cpu")):
    ...     (torch.ones(1, 1) @ torch.ones(1, 1)).dtype
    torch.bfloat16
    """
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, DTYPES[precision])


def _cpu_capabilities() -> set[str]:
    """Return the capabilities of the processor; none with older versions of torch."""
    if not hasattr(torch.cpu, "get_capabilities"):
        return set()
    return {name for name, present in torch.cpu.get_capabilities().items() if present}


def keep_freed_memory() -> None:
    """Have the C library of this process keep large arrays that are freed, for the next ones.

    Batches need arrays of the same sizes again and again. Where they are given back every time,
    the system clears their pages again, which took more than half of the time of a large
    convolutional network. The largest memory grew by a quarter there. Nothing happens where the C
    library is not glibc.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    set_option(MALLOC_MMAP_MAX, 0)
    set_option(MALLOC_TRIM_THRESHOLD, -1)  # the largest size


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
    """Use one thread for steps so small that several would mostly wait for one another.

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
