"""AHAN, the network of the paper: read `attention`, `vit`, `hca`, `faam`, `ta_pwca`, then `ahan`."""
