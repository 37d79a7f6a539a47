"""``make organiser NAME="..."``: create an organiser and print its token, once.

Against the local stack, unless TURNOUT_TABLE names a deployed table; then AWS's usual variables say where.
"""

import argparse
import os
import secrets
import sys
from datetime import UTC, datetime

from infra.local.ministack import CREDENTIALS
from infra.local.places import Cannot, read_notes, read_places, require_running


def main() -> None:
    """Create the organiser that the argument names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="who organises, as attendees know them")
    name = parser.parse_args().name
    if "TURNOUT_TABLE" not in os.environ:
        places = read_places()
        try:
            require_running(places)
        except Cannot as cannot:
            sys.exit(str(cannot))
        notes = read_notes(places)
        os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=notes["endpoint"], TURNOUT_TABLE=notes["table"])
    # Imported here: both read the environment as they are imported.
    from chalicelib.actions.create_organiser import create_organiser
    from chalicelib.domain.ids import ID_ENTROPY_BYTES, SHORT_ID_ENTROPY_BYTES, new_id
    from chalicelib.domain.refusals import Invalid

    try:
        token = create_organiser(
            name,
            now=datetime.now(UTC),
            organiser_id=new_id(secrets.token_bytes(SHORT_ID_ENTROPY_BYTES)),
            token_id=new_id(secrets.token_bytes(SHORT_ID_ENTROPY_BYTES)),
            secret=new_id(secrets.token_bytes(ID_ENTROPY_BYTES)),
        )
    except Invalid as invalid:
        sys.exit("; ".join(error.detail for error in invalid.errors))
    print(token)


if __name__ == "__main__":
    main()
