"""Everything that runs without an HTTP caller: the stream, the queues, the clock."""
