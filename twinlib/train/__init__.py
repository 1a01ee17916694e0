"""Training: one loop, checkpoints, and the run that ends in a record."""
