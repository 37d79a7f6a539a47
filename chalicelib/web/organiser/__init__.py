"""What organisers and hosts call: everything under /admin, except check-ins (web/door/).

| calls about                         | file            |
|-------------------------------------|-----------------|
| events                              | events.py       |
| sessions                            | sessions.py     |
| bookings of a session               | bookings.py     |
| the same for a spreadsheet          | bookings_csv.py |
| emails that didn't reach people     | mails.py        |
| tokens                              | tokens.py       |

Every route needs a token (web/http/authorizer.py), and refuses with problem details.
Replies to reads have an ETag. Changes need it as If-Match, and are refused if somebody else was faster.
Verbs that only set a state (publish, close and so on) work without it. If it is sent, they check it, unless
the state is set already.
"""
