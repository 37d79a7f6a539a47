"""What anybody may do: see an event, and book places in it."""
