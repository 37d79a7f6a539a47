"""Run in a process of its own, from the zip: send a confirmation, and print what SES would have got."""

import base64
import email
import json
from typing import Any

import botocore.handlers
from botocore.awsrequest import AWSResponse, HeadersDict
from msgspec.structs import replace

from chalicelib.domain.attendee import normalise_address
from chalicelib.mail import ses
from chalicelib.mail.render import render
from tests.mail.samples import BOOKING, facts

sent: dict[str, Any] = {}


class Answer:
    """Enough of a urllib3 response for botocore to read."""

    def stream(self, **_: Any) -> list[bytes]:
        """Return what SES says."""
        return [b'{"MessageId": "from-the-zip"}']


def answer(request: Any, **_: Any) -> AWSResponse:
    """Keep the request and answer it, so that nothing leaves this process."""
    body = json.loads(request.body)
    mail = email.message_from_bytes(base64.b64decode(body["Content"]["Raw"]["Data"]))
    # A multipart has no payload of its own: None.
    payloads: Any = {part.get_content_type(): part.get_payload(decode=True) for part in mail.walk()}
    sent.update(
        url=request.url,
        to=body["Destination"]["ToAddresses"],
        types=[part.get_content_type() for part in mail.walk()],
        png=payloads["image/png"][:4].hex(),
        calendar=payloads["text/calendar"].decode(),
    )
    # The stubs want a class that only the vendored requests has; HeadersDict is what botocore reads.
    headers: Any = HeadersDict({"Content-Type": "application/json"})
    return AWSResponse(request.url, 200, headers, Answer())


botocore.handlers.BUILTIN_HANDLERS.append(("before-send", answer))
booking = replace(BOOKING, address=normalise_address("ann@bücher.example.org"))
assert ses.send(
    render("confirmation", facts("confirmation", booking=booking)), configuration_set="set", tags={"a": "b"}
)
print(json.dumps(sent))
