"""Runs on disk, published values, tables, claims and their verdicts."""
