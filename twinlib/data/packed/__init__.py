"""Data sets packed in one file: insightface's `.bin` without its code, and our `.npz`."""
