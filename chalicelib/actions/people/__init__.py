"""Organisers, and the tokens that they hand out."""
