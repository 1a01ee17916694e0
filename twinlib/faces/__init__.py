"""From a photograph to an aligned crop: reading, detector, alignment, crops."""
