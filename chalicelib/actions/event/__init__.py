"""What an organiser announces, changes and cancels, and what follows from that for what was booked."""
