"""Persistent homology of point clouds: components (own code), loops and voids (through ripser), discrepancy.

The torch form is in `twinlib.topology.differentiable`, so that this package loads without torch.
"""

from twinlib.topology.cycles import diagrams
from twinlib.topology.discrepancy import structure_discrepancy
from twinlib.topology.h0 import h0_pairs

__all__ = ["diagrams", "h0_pairs", "structure_discrepancy"]
