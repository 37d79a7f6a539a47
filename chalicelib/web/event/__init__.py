"""What pages and programs show of an event to anybody. There are no routes in here."""
