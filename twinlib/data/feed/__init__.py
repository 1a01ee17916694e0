"""What training eats: arrays of crops, augmentation, samplers, targets."""
