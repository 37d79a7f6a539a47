"""What is due at a time: writing it down, and finding it when its time has come."""
