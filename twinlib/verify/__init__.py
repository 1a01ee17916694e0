"""Do two photographs show one person: verifier, threshold, service."""
