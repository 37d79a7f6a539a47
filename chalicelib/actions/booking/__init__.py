"""One's places: booking them, cancelling them, correcting whose they are."""
