"""TopoFR: perturbation RSP, alignment PTSA, sample weights SDE over the mixture GUM."""
