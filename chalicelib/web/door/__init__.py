"""What the door does: letting people in."""
