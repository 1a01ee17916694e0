"""What one chapter alone shows."""
