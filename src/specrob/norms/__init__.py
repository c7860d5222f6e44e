"""Norms, balls and boxes: where perturbed images may lie.

A norm is one file, whose class has the operations that attacks and certificates use, and one row.
"""

from collections.abc import Mapping

from specrob.norms.bounds import Bounds, unbounded
from specrob.norms.geometry import Geometry
from specrob.norms.l1 import L1
from specrob.norms.l2 import L2
from specrob.norms.linf import Linf

NORMS: Mapping[str, Geometry] = {"l1": L1(), "l2": L2(), "linf": Linf()}

__all__ = ["NORMS", "Bounds", "Geometry", "unbounded"]
