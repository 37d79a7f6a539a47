"""The table and the queues. Nothing outside this folder imports PynamoDB."""
