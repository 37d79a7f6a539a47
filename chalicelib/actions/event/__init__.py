"""Announcing, changing and cancelling events and sessions, and what that means for their bookings."""
