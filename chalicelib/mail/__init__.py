"""What a mail looks like and how it is sent. Never imports the store."""
