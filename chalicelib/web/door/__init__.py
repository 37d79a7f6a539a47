"""What people at the door call: checking in, and undoing it."""
