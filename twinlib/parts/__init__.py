"""Long work in parts: done side by side, here or on many machines, and resumed where it was interrupted."""
