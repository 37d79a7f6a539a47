"""Checking people in at the door, and undoing it."""
