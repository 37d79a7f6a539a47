"""What is owed to whom, and how it goes out."""
