"""The versions, kept apart so that packaging reads one and every part the other without importing more."""

__version__ = "0.2.0"

TRAINING = 2
"""Version of the training code: raised by hand when the numbers of a training step change, in any network or loss.

Records and checkpoints name the version that made them; those of another are not used. Records that name none are the
pilots of 1. `tests/train/test_steps.py` holds the losses of a few steps.
"""
