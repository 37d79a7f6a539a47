"""What people in a queue call: joining it, seeing their place, and being admitted."""
