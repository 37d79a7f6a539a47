"""Waiting for an opening: joining the queue, one's place in it, being admitted."""
