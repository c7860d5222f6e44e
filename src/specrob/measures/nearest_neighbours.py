"""Exact nearest neighbours of points in many dimensions, in bounded memory.

Letters: ``B`` points, ``N`` coordinates, ``K`` neighbours, ``b`` and ``c`` points of a block.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import torch
from torch import Tensor

from specrob.errors import MeasureError
from specrob.progress import Report, silent

BLOCK = 2**24  # float64 numbers of a block of points, 128 MiB
MAX_POINTS = 1024  # of a block
SPARE = 6  # candidates beyond the neighbours that are asked for
EPSILON = torch.finfo(torch.float64).eps


@dataclass(frozen=True)
class Neighbours:
    """Distances, (B, K) float64, ascending, and positions, (B, K), of the nearest points."""

    distances: Tensor
    positions: Tensor


def distinct_rows(x: Tensor) -> Tensor:
    """Return the positions of the rows, (B, N), that equal none before them, ascending.

    >>> distinct_rows(torch.tensor([[1.0, 2.0], [0.0, 0.0], [1.0, 2.0], [-0.0, 0.0]]))
    tensor([0, 1])
    """
    first: dict[bytes, int] = {}
    for rows in _slices(x):
        for place, row in enumerate((x[rows] + 0).cpu().numpy(), rows.start):  # -0 becomes 0
            first.setdefault(sha256(row.tobytes()).digest(), place)
    return torch.tensor(list(first.values()), dtype=torch.int64)


def nearest_neighbours(x: Tensor, count: int, report: Report = silent) -> Neighbours:
    """Return the nearest other points of every point, by Euclidean distance.

    Candidates come from ``|a|^2 + |b|^2 - 2 a b`` of centred points in float64, and their
    distances from differences, so that nothing cancels. Where round-off might have hidden a
    neighbour among those that are no candidates, all differences of that point are computed.

    The cost is that of ``2 B^2 N`` operations in float64, and a few blocks of 128 MiB of memory
    beside the points; on MPS, which has no float64, the CPU computes.

    Parameters
    ----------
    x : Tensor, (B, N)
    count : int
        Number of neighbours, K.
    report : callable (done, of)

    Raises
    ------
    MeasureError
        If there are too few points, or a coordinate is not finite.

    Examples
    --------
    >>> found = nearest_neighbours(torch.tensor([[0.0], [1.0], [4.0], [6.0]]), 2)
    >>> found.distances.tolist()
    [[1.0, 4.0], [1.0, 3.0], [2.0, 3.0], [2.0, 5.0]]
    >>> found.positions[2].tolist()
    [3, 1]
    """
    points = _CentredPoints(x.cpu() if x.device.type == "mps" else x)
    if not bool(points.squares.isfinite().all()):
        raise MeasureError(
            "expected finite activations, found NaN or infinity; check the "
            "weights, or the numbers that were recorded"
        )
    if len(x) <= count:
        raise MeasureError(
            f"expected more than {count} points, found {len(x)}; use more images, or another layer"
        )
    found = []
    for rows in _slices(x):
        found.append(points.nearest(rows, count))
        report(rows.stop, len(x))
    distances, positions = (torch.cat(parts) for parts in zip(*found, strict=True))
    return Neighbours(distances, positions)


class _CentredPoints:
    """Points less their mean, in float64 block by block, and their squared norms, (B,)."""

    def __init__(self, x: Tensor):
        self.x, self.blocks = x, [*_slices(x)]
        self.mean = sum((x[rows].double().sum(0) for rows in self.blocks), 0.0) / max(1, len(x))
        squares = [self.at(rows).square().sum(1) for rows in self.blocks]
        self.squares = torch.cat(squares) if squares else torch.empty(0)

    def at(self, rows: slice) -> Tensor:
        """Return a block of points, (b, N)."""
        return self.x[rows].double() - self.mean

    def nearest(self, rows: slice, count: int) -> tuple[Tensor, Tensor]:
        """Return distances and positions, (b, K) each, of the neighbours of a block of points."""
        a = self.at(rows)
        bound, candidates = self._candidates(rows, a, min(count + SPARE, len(self.x) - 1))
        own = self.x[rows].double()
        apart = [(own - self.x[column].double()).norm(dim=1) for column in candidates.T]
        distances, order = torch.stack(apart, 1).sort(1)
        positions = candidates.gather(1, order)
        distances, positions = distances[:, :count], positions[:, :count]
        for row in (distances[:, -1].square() > bound).nonzero()[:, 0]:
            distances[row], positions[row] = self._by_differences(rows.start + row, count)
        return distances, positions

    def _candidates(self, rows: slice, a: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Return the positions, (b, count), of probable neighbours of a block of points a.

        Before them stands a lower bound, (b,), of the squared distances of all other points:
        products of N numbers are off by at most ``N eps |a| |b|``.
        """
        near = a.new_full((len(a), count), torch.inf)
        places = torch.zeros_like(near, dtype=torch.long)
        for columns in self.blocks:
            square = self.squares[columns] - 2 * a @ self.at(columns).T
            square += self.squares[rows, None]
            if columns == rows:
                square.fill_diagonal_(torch.inf)
            there = torch.arange(columns.start, columns.stop, device=a.device).expand_as(square)
            near, order = torch.cat([near, square], 1).topk(count, largest=False)
            places = torch.cat([places, there], 1).gather(1, order)
        largest = self.squares[rows].sqrt() + self.squares.max().sqrt()
        error = (self.x.shape[1] + 4) * EPSILON * largest.square()
        if count == len(self.x) - 1:  # there are no others
            return torch.full_like(error, torch.inf), places
        return near[:, -1] - error, places

    def _by_differences(self, place: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Return distances and positions, (K,) each, of the neighbours of one point."""
        own = self.x[place].double()
        apart = torch.cat([(self.x[rows].double() - own).norm(dim=1) for rows in self.blocks])
        apart[place] = torch.inf
        distances, positions = apart.topk(count, largest=False)
        return distances, positions


def _slices(x: Tensor) -> Iterator[slice]:
    size = min(MAX_POINTS, max(1, BLOCK // max(1, x.shape[1])))
    yield from (slice(start, min(start + size, len(x))) for start in range(0, len(x), size))
