"""Pictures: one style, and what a notebook shows."""
