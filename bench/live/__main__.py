"""``make live``: more people book in the running system than it has places; then its books are checked.

Three parts: over HTTP through all that `make run` starts; the handler alone on DynamoDB Local; the race for
one session by its number of counters. Times are this machine's, and the emulator's more than ours: what can
be compared are the ratios and the counts. The exit status says whether all books are right, and whether
nothing was logged as an error.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.functions import ENVIRONMENT
from bench.live.processor import EMULATOR
from bench.live.reconcile import Books
from bench.live.schedule import crowd, percentile
from infra.command import Parser, ends_in_words

if TYPE_CHECKING:
    from bench.live.by_counters import Row
    from bench.live.in_process import InProcess
    from bench.live.over_http import OverHttp


def read_arguments(given: Sequence[str]) -> argparse.Namespace:
    """Return who comes, and for how many places."""
    parser = Parser(prog="python -m bench.live", description=__doc__, example="make live RATE=4 PLACES=100")
    for name, kind, default, words in (
        ("--rate", float, 4, "how many people come in a second"),
        ("--seconds", float, 30, "for how many seconds they come"),
        ("--places", int, 100, "how many places there are for them"),
        ("--seed", int, 1, "chooses who comes when, and for how many places"),
    ):
        parser.add_argument(
            name, type=kind, default=default, metavar="NUMBER", help=f"{words} (default: %(default)s)"
        )
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    """Run all three and print them; return 1 if any of the books are wrong, or an error was logged."""
    arguments = read_arguments(given)
    os.environ.update(ENVIRONMENT)
    # Imported here: the store reads the environment as it is imported.
    from bench.live.by_counters import PLACES, by_counters
    from bench.live.in_process import in_process
    from bench.live.over_http import over_http

    places = arguments.places
    people = crowd(arguments.rate, arguments.seconds, arguments.seed)
    _say(f"{len(people)} people come for {places} places, over HTTP ...")
    http = over_http(people, places)
    _print_http(http)
    _say("The same number, to the handler in this machine's processes ...")
    alone = in_process(len(people), places)
    _print_in_process(alone)
    _say("A race by the number of counters ...")
    rows = by_counters()
    _print_by_counters(rows)
    wrong = [*http.books.differences, *alone.books.differences]
    wrong += [
        f"{row.counters} counters: {row.places_sold} of {PLACES} sold"
        for row in rows
        if row.places_sold != PLACES
    ]
    wrong += [f"{row.counters} counters: {row.cheated} cheated" for row in rows if row.cheated]
    wrong += [f"logged: {error}" for error in http.errors]
    for difference in wrong:
        print(f"WRONG: {difference}")
    print("\nNot all is right." if wrong else "\nEvery book is right.")
    return 1 if wrong else 0


def _print_http(http: "OverHttp") -> None:
    outcomes = Counter(visit.told.outcome for visit in http.visits)
    failures = Counter(failure for visit in http.visits for failure in visit.told.failures)
    waited = [visit.waited for visit in http.visits]
    bookings = outcomes["booked"]
    print("\n## Over HTTP, through everything\n\n| what | counted |\n|---|---|")
    _row("people; booked", f"{len(http.visits)}; {bookings}")
    _row("refused, by code", _counts(outcomes - Counter(booked=bookings)))
    _row("answers that were none (asked again)", _counts(failures))
    _row("bookings a second, while they came", f"{bookings / http.load_seconds:.1f}")
    _row("waited for a definite answer, p50 / p95 / p99", _seconds(waited))
    _row(
        "of that, sent late by this client, p99",
        f"{percentile([v.sent_late for v in http.visits], 0.99):.3f} s",
    )
    _row("from the first arrival to the last email", f"{http.mail_seconds:.0f} s")
    after = f"{http.sent_after_seconds:.1f} s; {http.delivered_after_seconds:.1f} s"
    _row("from the last booking's answer to the last email sent; delivered", after)
    _row("emails delivered; errors logged", f"{http.deliveries}; {len(http.errors)}")
    _row("processes of the API's function", str(http.workers))
    print("\n| process | processor time for a booking and its email | share |\n|---|---|---|")
    total = sum(http.used.values())
    for name, used in sorted(http.used.items(), key=lambda entry: -entry[1]):
        _row(name, f"{used / bookings * 1000:.1f} ms", f"{used / total:.0%}")
    _row("emulator, of all", "", f"{sum(http.used.get(name, 0.0) for name in EMULATOR) / total:.0%}")
    _row("(this client)", f"{http.client_used / bookings * 1000:.1f} ms", "")
    _print_books(http.books)


def _print_in_process(alone: "InProcess") -> None:
    print("\n## The handler alone, on DynamoDB Local\n\n| what | counted |\n|---|---|")
    _row("people; booked", f"{alone.people}; {alone.books.rows}")
    _row("bookings a second", f"{alone.bookings_per_second:.0f}")
    _row("processor time of the handler for a booking", f"{alone.handler * 1000:.1f} ms")
    _row("that in multiples of the signed call alone, in pairs", f"{alone.times_the_call:.2f}")
    _row("that of the database for a booking", f"{alone.database * 1000:.1f} ms")
    _row("database's share", f"{alone.database / (alone.database + alone.handler):.0%}")
    _print_books(alone.books)


def _print_books(books: Books) -> None:
    print(
        "\n| rows | places in rows | places sold | places left | emails owed | emails sent | second copies |"
    )
    print("|---|---|---|---|---|---|---|")
    _row(
        *map(
            str,
            (
                books.rows,
                books.places_in_rows,
                books.places_sold,
                books.places_left,
                books.mails_owed,
                books.mails_sent,
                books.second_copies,
            ),
        )
    )


def _print_by_counters(rows: Sequence["Row"]) -> None:
    print("\n## One session by its number of counters\n")
    print(
        "| counters | people | booked | places sold | tries a booking | conflicts | throttled or lost "
        "| reads a person | asked again after Busy |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        tries, reads = f"{row.tries / row.bookings:.1f}", f"{row.reads / row.people:.2f}"
        _row(
            *map(
                str,
                (
                    row.counters,
                    row.people,
                    row.bookings,
                    row.places_sold,
                    tries,
                    row.conflicts,
                    row.faults,
                    reads,
                    row.busy,
                ),
            )
        )


def _row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.most_common()) or "none"


def _seconds(waited: Sequence[float]) -> str:
    return " / ".join(f"{percentile(waited, share):.2f}" for share in (0.5, 0.95, 0.99)) + " s"


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    with ends_in_words():
        sys.exit(main(sys.argv[1:]))
