"""Persistent homology of point clouds: components (own code), loops and voids (through ripser), discrepancy.

The torch form is in `twinlib.topology.differentiable`, so that this package loads without torch.
"""

from twinlib.topology.persistence import diagrams, h0_pairs, structure_discrepancy

__all__ = ["diagrams", "h0_pairs", "structure_discrepancy"]
