"""How requests are read and replies written. It knows nothing of events."""
