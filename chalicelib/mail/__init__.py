"""What an email looks like, and how SES is asked to send it. It never imports the store."""
