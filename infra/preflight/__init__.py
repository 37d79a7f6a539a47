"""``make preflight MAIL_FROM=bookings@your.org``: what is left to do before Turnout can be deployed.

It asks AWS and DNS, and changes nothing. docs/helper.md leads a person through it who is no engineer.
"""

import argparse
import os
import re
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from infra.preflight.lookup import Server
    from infra.preflight.sender import Sender

NAME = "preflight"
_DESCRIPTION = """\
Check what a deployment needs: the AWS account, its region, SES, DNS records and quotas.
Each line says "ok", "to do" or "can't tell". Under a "to do" stands what to paste.
It changes nothing, in AWS or in DNS.

Example:
  python -m infra preflight --mail-from bookings@your.org --people 2000 --places 500
"""
_EPILOG = """\
Credentials and region come from AWS's usual variables and profiles (AWS_PROFILE, AWS_REGION).
They need these permissions, all of which only read:
  {permissions}
NO_COLOR=1 prints without colour.
Exit status: 0 if all is ok, 1 if something is left to do or can't be told, 2 if the command is wrong.
docs/helper.md leads you through it step by step.
"""
PERMISSIONS = (
    "ses:GetAccount",
    "ses:GetEmailIdentity",
    "servicequotas:GetServiceQuota",
    "servicequotas:GetAWSDefaultServiceQuota",
)
"""All that the checks need. sts:GetCallerIdentity is allowed to everybody."""

_STAGE = re.compile(r"[a-z][a-z0-9-]{0,20}")


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `preflight` to the commands of `python -m infra`."""
    parser = commands.add_parser(
        NAME,
        help="check what AWS and DNS need before the first deployment",
        description=_DESCRIPTION,
        epilog=_EPILOG.format(permissions="\n  ".join(PERMISSIONS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--stage", default="live", type=_stage, help="the deployment's name (default: live)")
    parser.add_argument(
        "--mail-from", type=_sender, metavar="ADDRESS", help="the address or domain that emails come from"
    )
    parser.add_argument("--base-url", default="", metavar="URL", help="your website, for the request to SES")
    parser.add_argument("--people", default="", metavar="N", help="how many people come (default: 1,000)")
    parser.add_argument("--places", default="", metavar="N", help="how many places (default: as many)")
    parser.add_argument("--sessions", default="", metavar="N", help="in how many sessions (default: 1)")
    parser.add_argument(
        "--resolver",
        type=_server,
        metavar="HOST:PORT",
        help="the DNS server to ask, for networks that change DNS answers, for example 9.9.9.9:53",
    )
    parser.set_defaults(run=_run, refuse=parser.error)


def _run(arguments: argparse.Namespace) -> NoReturn:
    """Print what each check finds, and exit with the status that the help names."""
    # Only here: other commands need not wait until these are loaded.
    from bench.launch_plan import CannotPlan
    from infra.preflight.checklist import Wanted, preflight
    from infra.preflight.lookup import Lookup

    wanted = Wanted(
        stage=arguments.stage,
        sender=arguments.mail_from,
        website=arguments.base_url,
        people=arguments.people,
        places=arguments.places,
        sessions=arguments.sessions,
    )
    try:
        sys.exit(preflight(wanted, Lookup(arguments.resolver), os.environ, sys.stdout))
    except CannotPlan as why:
        arguments.refuse(str(why))
    raise AssertionError("argparse has ended the command")


def _stage(text: str) -> str:
    if not _STAGE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a stage. Try live or test.")
    return text


def _sender(text: str) -> "Sender":
    from infra.preflight.sender import sender_in

    try:
        return sender_in(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither an email address nor a domain. Try bookings@your.org."
        ) from error


def _server(text: str) -> "Server":
    from infra.preflight.lookup import server_in

    try:
        return server_in(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address with a port. Try 9.9.9.9:53.") from error
