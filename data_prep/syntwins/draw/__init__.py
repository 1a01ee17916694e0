"""From a head to pixels."""
