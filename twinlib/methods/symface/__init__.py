"""SymFace (3PSS: faces split into halves): frontness, halves, the pull between them."""
