"""``make preflight MAIL_FROM=bookings@your.org``: what is left to do before Turnout can be deployed.

It asks AWS and DNS, and changes nothing. docs/helper.md leads a person through it who is no engineer.
"""

import argparse
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from infra.command import stage_name
from infra.numbers_typed import count

if TYPE_CHECKING:
    from infra.command import Commands
    from infra.preflight.lookup import Server
    from infra.preflight.sender import Sender

NAME = "preflight"
_DESCRIPTION = """\
Check what a deployment needs: the AWS account, its region, SES, DNS records and quotas.
Each line says "ok", "to do" or "can't tell". Below a "to do" is what to paste: a command for this
terminal, or a record for the website where your DNS is kept. The check itself changes nothing.
"""
_EPILOG = """\
example, by make:
  make preflight MAIL_FROM=bookings@your.org PEOPLE=2000 PLACES=500

Credentials and region come from AWS's usual variables and profiles (AWS_PROFILE, AWS_REGION).
They need these permissions, all of which only read:
  {permissions}
NO_COLOR=1 prints without colour.
Exit status: 0 if all is ok, 1 if something is left to do or unknown, 2 if the command is wrong.
After 1, make adds "Error 1": that is no mistake of yours.
docs/helper.md leads you through it step by step.
"""
PERMISSIONS = (
    "ses:GetAccount",
    "ses:GetEmailIdentity",
    "servicequotas:GetServiceQuota",
    "servicequotas:GetAWSDefaultServiceQuota",
)
"""All that the checks need. sts:GetCallerIdentity is allowed to everybody."""


def add_command(commands: "Commands") -> None:
    """Add `preflight` to the commands of `python -m infra`."""
    parser = commands.add_parser(
        NAME,
        help="check what AWS and DNS need before the first deployment",
        description=_DESCRIPTION,
        epilog=_EPILOG.format(permissions="\n  ".join(PERMISSIONS)),
    )

    def add(name: str, kind: Callable[[str], object], what: str, words: str, default: object = None) -> None:
        parser.add_argument(name, type=kind, metavar=what, default=default, help=words)

    add("--stage", stage_name, "NAME", "the deployment's name (default: live)", "live")
    add("--mail-from", _sender, "ADDRESS", "the address or domain that emails come from")
    add("--website", _website, "URL", "your website, for the request to SES")
    add("--people", count, "NUMBER", "how many people come (default: 1,000)")
    add("--places", count, "NUMBER", "how many places there are (default: one for each person)")
    add("--sessions", count, "NUMBER", "over how many sessions the places are spread (default: 1)", 1)
    add("--resolver", _server, "HOST:PORT", "the DNS server to ask in place of this computer's")
    parser.set_defaults(run=_run, refuse=parser.error)


def _run(arguments: argparse.Namespace) -> NoReturn:
    """Print what each check finds, and exit with the status that the help names."""
    # Only here: other commands need not wait until these are loaded.
    from infra.preflight.checklist import Wanted, preflight
    from infra.preflight.lookup import Lookup

    wanted = Wanted(
        stage=arguments.stage,
        sender=arguments.mail_from,
        website=arguments.website or "",
        people=arguments.people,
        places=arguments.places,
        sessions=arguments.sessions,
    )
    if wanted.sessions > wanted.plan().places:
        arguments.refuse(f"{wanted.sessions:,} sessions can't share {wanted.plan().places:,} places")
    sys.exit(preflight(wanted, Lookup(arguments.resolver), os.environ, sys.stdout))


def _sender(text: str) -> "Sender":
    from infra.preflight.sender import sender_in

    try:
        return sender_in(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither an email address nor a domain. Try bookings@your.org."
        ) from error


def _website(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a website. Try https://your.org.")
    return text


def _server(text: str) -> "Server":
    from infra.preflight.lookup import server_in

    try:
        return server_in(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address with a port. Try 9.9.9.9:53.") from error
