"""Booking places, cancelling bookings, and correcting the address of one."""
