"""What organisers, hosts and doors call: everything under /admin.

| calls about           | file         |
|-----------------------|--------------|
| events                | events.py    |
| sessions              | sessions.py  |
| bookings of a session | bookings.py  |
| who has come          | check_ins.py |
| tokens                | tokens.py    |

Every route needs a token (web/http/authorizer.py) and answers with problem details when it says no.
Reads carry an ETag. Changes need it as If-Match, and are refused if somebody else was faster; verbs that
only move a state (publish, close, ...) honour it when it is sent, but for what is so already.
"""
