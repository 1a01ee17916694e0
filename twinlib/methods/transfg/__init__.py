"""TransFG: the last block sees only the patches that matter."""
