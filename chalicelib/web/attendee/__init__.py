"""One's own booking, by the link that was mailed."""
