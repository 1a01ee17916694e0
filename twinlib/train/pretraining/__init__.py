"""The stage before training: a trunk, what it learns from, where a backbone starts."""
