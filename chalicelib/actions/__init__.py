"""What Turnout does: one verb a file. Every write goes through one of these."""
