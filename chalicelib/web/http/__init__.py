"""How anything is read and answered. Knows nothing of events."""
