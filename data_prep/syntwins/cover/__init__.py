"""What lies in front of a face: glasses, masks, hands."""
