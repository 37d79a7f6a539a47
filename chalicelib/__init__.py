"""Turnout: people book places in sessions; a mail confirms every booking.

The folders, from the outside in. Imports point down this list and never up,
and folders on one line never import each other (tests/test_rules.py):

    web/ | jobs/                what calls us: HTTP routes; streams, queues, the clock
    actions/                    one verb a file: what Turnout does
    store/ | mail/ | documents/ the table and the queues; the mails; .ics and QR
    domain/                     the pure rules: no I/O, no clock, no chance

Where to look first:

    where is capacity enforced?     store/capacity.py
    who may book, and when?         domain/who_may_book.py
    whose turn is it, in a line?    domain/queue.py; its rounds: domain/queue_rounds.py
    what does one hold in a line?   domain/admission.py; given by actions/queue/admit.py
    what do we sign, and how?       domain/signing.py
    which mails do we send?         domain/notices.py
    what can go wrong for a user?   domain/refusals.py; in a line: domain/admission_refusals.py
    what runs when nobody calls?    jobs/
"""

import gc

# A process makes thousands of objects while it starts, and keeps them all: looking through them for
# garbage every 700 finds none. Later, what one request leaves behind is far less than this.
gc.set_threshold(50_000)
