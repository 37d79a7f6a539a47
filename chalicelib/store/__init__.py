"""The table, and messages to SQS. Nothing outside this folder imports PynamoDB."""
