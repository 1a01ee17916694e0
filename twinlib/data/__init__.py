"""Who is on which image: manifest, splits, pair lists, protocols, leakage."""
