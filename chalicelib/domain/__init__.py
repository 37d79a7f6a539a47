"""The rules of Turnout. Nothing here does I/O, reads a clock or draws a random number."""

import zoneinfo

# A zone's time must not depend on the host, whose zone files may be years old. So only the pinned tzdata
# package is asked.
zoneinfo.reset_tzpath(to=())
