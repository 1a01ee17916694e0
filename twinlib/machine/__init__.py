"""This computer: what is installed on it, and how fast a network is on it."""
