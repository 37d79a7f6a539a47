"""What a stranger does: see an event, book places in it."""
