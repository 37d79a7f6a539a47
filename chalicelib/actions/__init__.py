"""One verb a file: what Turnout does. Every write goes through one of these."""
