"""Sets of images on disk: named sets, families, cards, costs."""
