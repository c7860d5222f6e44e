"""Batches that processes share: each computes some rows, and all have the same results.

Every process holds the same loss. Sums over processes are differentiable and their own transpose,
so the mean over processes of the weights' gradients is the gradient of one process.

Letters: ``B`` images of a whole batch, ``b`` of one process.
"""

import atexit
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from specrob.errors import DeviceError, ModelError


@dataclass(frozen=True)
class Processes:
    """The rank of this process among those of ``torchrun``; a single process by default."""

    rank: int = 0
    count: int = 1

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum over processes, which is differentiable any number of times.

        >>> Processes().sum(torch.ones(2))
        tensor([1., 1.])
        """
        return values if self.count == 1 else _Sum.apply(values)


SINGLE_PROCESS = Processes()


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
                "expected every process to answer, found that one has stopped "
                f"({str(error).splitlines()[0]:.80}); read its message"
            ) from error
        return whole.to(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        whole: Tensor = _Sum.apply(gradient)
        return whole


def join_processes(device: torch.device) -> Processes:
    """Return the rank of this process after ``torchrun``'s process group is initialized."""
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


class BatchCoupled(nn.Module):
    """A layer whose output for one image depends on its whole batch in training."""


BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
INSTANCE_NORMS = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
ALPHA_DROPOUTS = (nn.AlphaDropout, nn.FeatureAlphaDropout)
COUPLED_LAYERS = (*BATCH_NORMS, *INSTANCE_NORMS, *DROPOUTS, *ALPHA_DROPOUTS, BatchCoupled)
# of the largest logit: a layer that is not synchronized would change the logits by far more
COUPLING_TOLERANCE = 1e-2


@dataclass(frozen=True)
class BatchShard:
    """The rows of a batch that this process computes; a single process computes all.

    Parameters
    ----------
    total : int
        B, which several processes need.

    Examples
    --------
    >>> BatchShard(Processes(1, 2), 5).rows, BatchShard().mean(torch.tensor([1.0, 2.0]))
    (slice(2, 5, None), tensor(1.5000))
    """

    processes: Processes = SINGLE_PROCESS
    total: int = 0

    @property
    def alone(self) -> bool:
        """Whether this is the only process."""
        return self.processes.count == 1

    @property
    def rows(self) -> slice:
        """The rows of the batch."""
        if self.alone:
            return slice(None)
        rank, count = self.processes.rank, self.processes.count
        return slice(rank * self.total // count, (rank + 1) * self.total // count)

    def size(self, values: Tensor) -> int:
        """Return B, given values of these rows, (b, ...)."""
        return len(values) if self.alone else self.total

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum over processes."""
        return self.processes.sum(values)

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean over the whole batch, given values of these rows, (b, ...)."""
        return values.mean(0) if self.alone else self.sum(values.sum(0)) / self.total

    def gather(self, values: Tensor) -> Tensor:
        """Return values of the whole batch, (B, ...), given those of these rows, (b, ...).

        The whole batch is communicated, and again for its gradient.
        """
        if self.alone:
            return values
        before = values.new_zeros(self.rows.start, *values.shape[1:])
        after = values.new_zeros(self.total - self.rows.stop, *values.shape[1:])
        return self.sum(torch.cat([before, values, after]))

    @contextmanager
    def coupled(self, model: nn.Module) -> Iterator[None]:
        """Let `COUPLED_LAYERS` see the whole batch, and draw dropout for all of it."""
        hooks = []
        for module in () if self.alone else model.modules():
            if isinstance(module, COUPLED_LAYERS):
                hooks.append(module.register_forward_pre_hook(self._whole_input))
                hooks.append(module.register_forward_hook(self._own_output))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _whole_input(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (self.gather(inputs[0]),)

    def _own_output(self, module: nn.Module, inputs: tuple[Tensor, ...], whole: Tensor) -> Tensor:
        return whole[self.rows]

    def average_(self, weights: Iterable[nn.Parameter]) -> None:
        """Average the weights' gradients over processes."""
        gradients = [w.grad for w in weights if w.grad is not None]
        if self.alone or not gradients:
            return
        whole = self.sum(torch.cat([g.flatten() for g in gradients])) / self.processes.count
        parts = whole.split([g.numel() for g in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


@torch.no_grad()
def check_coupling(model: nn.Module, images: Tensor, processes: Processes) -> None:
    """Raise ModelError if a layer couples images of a batch and is not in `COUPLED_LAYERS`.

    A single process checks nothing.
    """
    if processes.count == 1:
        return
    shard, trial, outputs = BatchShard(processes, len(images)), deepcopy(model).train(), []
    for batch, context in ((images, nullcontext()), (images[shard.rows], shard.coupled(trial))):
        with context, torch.random.fork_rng(enabled=images.device.type != "mps"):
            torch.random.manual_seed(0)
            outputs.append(trial(batch))
    whole, part = outputs
    differs = (whole[shard.rows] - part).abs() > COUPLING_TOLERANCE * whole.abs().max()
    if processes.sum(differs.any().long()):
        raise ModelError(
            "expected a network that couples images by torch's own normalization and dropout "
            "alone, found one that does otherwise in training; train it without torchrun"
        )
