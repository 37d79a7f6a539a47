"""Turnout: people book places in sessions, and an email confirms each booking.

The folders, from the outside in. Imports point down this list and never up. Folders on one line
never import each other (tests/test_rules.py):

    web/ | jobs/                what calls us: HTTP routes; the table's stream, SQS and the clock
    actions/                    what Turnout does: one verb a file, in folders by subject
    store/ | mail/ | documents/ the table and messages; emails; the .ics, the QR ticket and the .csv
    domain/                     the rules: no I/O, no clock, no chance

Folders of web/ are named after visitors: door/, organiser/, attendee/ and public/. They may import queue/,
which may import event/, which may import http/.

Where to look first:

    where is capacity enforced?     store/capacity.py
    who may book, and when?         domain/who_may_book.py
    whose turn is it, in a queue?   domain/queue.py; its rounds: domain/queue_rounds.py
    what does a queue give people?  domain/admission.py: tickets (actions/queue/join_queue.py)
                                    and admissions (actions/queue/admit.py)
    what do we sign, and how?       domain/signing.py
    which emails are sent?          domain/kinds.py
    what can go wrong for a user?   domain/refusals.py; in a queue: domain/admission_refusals.py
    what may never be renamed?      domain/kept_names.py
    who may do what?                domain/organiser.py
    what is stored, at which keys?  store/table.py
    where are all web addresses?    web/event/urls.py
    what runs without a request?    jobs/

docs/architecture.md explains how it works, and docs/decisions/ why. In this code some words mean one thing
only: an outcome is what became of a write, an answer is what a guest says to an event's question, a reply is
what a route sends, and a slice is a part of a long list ("page" is HTML).
"""

import gc

# A process makes some 60,000 objects while it starts, and keeps them all. Looking for garbage every 700
# objects would find none. Later, one request leaves far fewer than this behind.
gc.set_threshold(100_000)
