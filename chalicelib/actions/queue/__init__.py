"""Joining a queue, being admitted from it, and moving it on."""
