"""What a booking costs, counted: units, round trips, bytes, instructions, and from these money."""
