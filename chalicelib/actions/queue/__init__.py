"""Waiting for an opening: joining, being admitted, and how the queue goes on."""
