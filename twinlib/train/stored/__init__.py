"""Networks on disk: checkpoints, trained weights with what they are of, a record's network."""
