"""A person's own booking, which the link in their email opens."""
