"""What runs without an HTTP request: at a change in the table, a message in SQS, or each minute."""
