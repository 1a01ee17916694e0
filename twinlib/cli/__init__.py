"""What users call: the command line."""
