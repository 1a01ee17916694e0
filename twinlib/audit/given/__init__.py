"""What a recogniser may be given as: an ONNX file, embeddings, scores; and pairs of the user's own."""
