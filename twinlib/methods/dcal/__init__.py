"""DCAL: dual cross-attention learning and its weighting by uncertainties."""
