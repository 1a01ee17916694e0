"""The head as a surface: mean, shape, hair, parts."""
