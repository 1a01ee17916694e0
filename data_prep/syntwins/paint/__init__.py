"""Skin and hair of one subject on the texture."""
