"""The forms of a recogniser: an ONNX file, embeddings or scores; and the user's own pairs."""
