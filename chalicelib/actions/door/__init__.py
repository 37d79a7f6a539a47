"""Who has come."""
