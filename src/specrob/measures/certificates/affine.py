"""Affine stages of a network: how they act on activations, on linear forms and on round-off.

Letters: ``B`` images, ``K`` linear forms, ``N`` units of ``D`` below.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from specrob.measures.certificates.linear_form import Interval, LinearForm

Entrywise = Callable[[Tensor], Tensor]


def unchanged(entries: Tensor) -> Tensor:
    """Return the entries of a matrix as they are."""
    return entries


class Affine:
    """``A a + b``, with A, or a function of its entries, applied to activations, and A' to forms.

    `terms` is the number of products and sums behind a unit, and `sums` whether it is a sum over
    several units below.
    """

    terms: int
    sums = True

    def product(self, a: Tensor, of: Entrywise = unchanged) -> Tensor:
        """Return A a, (B, ...), or the product with a function of the entries of A."""
        raise NotImplementedError

    def offset(self) -> Tensor | float:
        """Return b, broadcast over images."""
        return 0.0

    def offset_rounded(self) -> Tensor | float:
        """Return the absolute values of what is added to the product."""
        return torch.as_tensor(self.offset()).abs()

    def transposed(
        self, slopes: Tensor, shape: tuple[int, ...], of: Entrywise = unchanged
    ) -> Tensor:
        """Return A' times slopes, (B, K, ...), for activations of that shape below.

        With `of` it is the product with a function of the entries of A.
        """
        raise NotImplementedError

    def forward(self, a: Tensor) -> Tensor:
        """Return A a + b."""
        return self.product(a) + self.offset()

    def backward(self, form: LinearForm, shape: tuple[int, ...]) -> LinearForm:
        """Return the form of the activations below that equals a form of those above."""
        constant = (form.slopes * self.offset()).flatten(2).sum(2)
        return form.add(self.transposed(form.slopes, shape), constant)

    def interval(self, below: Interval) -> Interval:
        """Return the interval that follows from that below alone."""
        centre, half = (below.low + below.high) / 2, (below.high - below.low) / 2
        middle, reach = self.forward(centre), self.product(half, torch.abs)
        return Interval(middle - reach, middle + reach)


@dataclass(frozen=True)
class Dense(Affine):
    """A matrix, (N, D), and an offset, (N,)."""

    weight: Tensor
    bias: Tensor | None

    @property
    def terms(self) -> int:  # type: ignore[override]
        """The number of products and sums behind a unit."""
        return self.weight.shape[1] + 1

    def product(self, a: Tensor, of: Entrywise = unchanged) -> Tensor:
        """Return A a, or the product with a function of the entries of A."""
        return a @ of(self.weight).T

    def offset(self) -> Tensor | float:
        """Return b."""
        return 0.0 if self.bias is None else self.bias

    def transposed(
        self, slopes: Tensor, shape: tuple[int, ...], of: Entrywise = unchanged
    ) -> Tensor:
        """Return A' times slopes."""
        return slopes @ of(self.weight)


@dataclass(frozen=True)
class Convolution(Affine):
    """A convolution in two dimensions, with zeros around images."""

    weight: Tensor
    bias: Tensor | None
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1

    @property
    def terms(self) -> int:  # type: ignore[override]
        """The number of products and sums behind a unit."""
        return self.weight[0].numel() + 1

    def product(self, a: Tensor, of: Entrywise = unchanged) -> Tensor:
        """Return A a, or the product with a function of the entries of A."""
        return functional.conv2d(
            a, of(self.weight), None, self.stride, self.padding, self.dilation, self.groups
        )

    def offset(self) -> Tensor | float:
        """Return b."""
        return 0.0 if self.bias is None else self.bias[:, None, None]

    def transposed(
        self, slopes: Tensor, shape: tuple[int, ...], of: Entrywise = unchanged
    ) -> Tensor:
        """Return A' times slopes."""
        flat = slopes.flatten(0, 1)
        sides = zip(shape[1:], flat.shape[2:], strict=True)
        rest = [  # rows and columns at the end that no filter reaches
            side - ((above - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1)
            for (side, above), stride, padding, dilation, kernel in zip(
                sides,
                self.stride,
                self.padding,
                self.dilation,
                self.weight.shape[2:],
                strict=True,
            )
        ]
        below = functional.conv_transpose2d(
            flat,
            of(self.weight),
            None,
            self.stride,
            self.padding,
            rest,
            self.groups,
            self.dilation,
        )
        return below.reshape(*slopes.shape[:2], *shape)


@dataclass(frozen=True)
class Scale(Affine):
    """A factor and an offset for every unit or channel, which broadcast over activations.

    In float32 a mean may be subtracted before the factor is applied: `subtracted` is that mean
    times the factor.
    """

    gain: Tensor
    shift: Tensor
    subtracted: Tensor
    terms = 8
    sums = False

    def product(self, a: Tensor, of: Entrywise = unchanged) -> Tensor:
        """Return A a, or the product with a function of the entries of A."""
        return a * of(self.gain)

    def offset(self) -> Tensor | float:
        """Return b."""
        return self.shift

    def offset_rounded(self) -> Tensor | float:
        """Return the absolute values of what is added, and of what is subtracted before."""
        return self.shift.abs() + 2 * self.subtracted.abs()

    def transposed(
        self, slopes: Tensor, shape: tuple[int, ...], of: Entrywise = unchanged
    ) -> Tensor:
        """Return A' times slopes."""
        return slopes * of(self.gain)


@dataclass(frozen=True)
class Reshape(Affine):
    """Activations flattened."""

    terms = 0
    sums = False

    def product(self, a: Tensor, of: Entrywise = unchanged) -> Tensor:
        """Return the activations, (B, N)."""
        return a.flatten(1)

    def transposed(
        self, slopes: Tensor, shape: tuple[int, ...], of: Entrywise = unchanged
    ) -> Tensor:
        """Return the slopes in the shape below."""
        return slopes.reshape(*slopes.shape[:2], *shape)
