"""TransFace: gated patches, amplitude perturbation DPAP, sample weights EHSM."""
