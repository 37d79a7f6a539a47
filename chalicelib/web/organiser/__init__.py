"""What organisers, hosts and doors call: everything under /admin.

| calls about           | file         |
|-----------------------|--------------|
| events                | events.py    |
| sessions              | sessions.py  |
| bookings of a session | bookings.py  |
| who has come          | check_ins.py |

Every route needs a token (web/authorizer.py) and answers with problem details when it says no.
Reads carry an ETag; a PATCH with If-Match is refused if somebody else was faster.
"""
