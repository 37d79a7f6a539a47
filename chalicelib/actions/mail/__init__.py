"""Which emails are owed to whom, and how they are sent."""
