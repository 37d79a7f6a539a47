"""Creating organisers, and making, listing and revoking their tokens."""
