"""Miao: residual network with a feature pyramid, trained on triplets."""
