"""The peers, a folder a paper."""
