"""The pure rules of Turnout. Nothing here does I/O, reads a clock or draws a random number."""

import zoneinfo

# What a zone's clocks show must not depend on the host: its own zone files may be years old, so only
# the pinned tzdata package is asked.
zoneinfo.reset_tzpath(to=())
