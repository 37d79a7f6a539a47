"""Where a booking comes from, and how many one source may send through this process.

This is against a script that is let loose, and costs no request. What a source may do to other people's
inboxes is limited by the mailer (store/mail_limits.py), however many processes it spreads its bookings over.
"""

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Lock

from chalice.app import Request

from chalicelib.domain.refusals import TooManyRequests
from chalicelib.settings import settings

SOURCES_MAX = 10_000
"""How many sources this process counts at once. When there are more it forgets all, and allows too much."""

_NETWORK_BITS = 64


class Gate:
    """Counts the bookings of each source in the present minute."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: dict[str, int] = {}
        self._changing = Lock()

    def allow(self, source: str, now: datetime, *, bookings_max: int) -> None:
        """Count a booking of this source, or raise TooManyRequests if that is one too many in this minute."""
        minute = int(now.timestamp() // 60)
        with self._changing:
            if minute != self._minute or (len(self._counts) >= SOURCES_MAX and source not in self._counts):
                self._minute, self._counts = minute, {}
            count = self._counts.get(source, 0)
            if count >= bookings_max:
                raise TooManyRequests(60 - now.second)
            self._counts[source] = count + 1

    def forget(self) -> None:
        """Forget everything."""
        with self._changing:
            self._counts = {}


gate = Gate()
waiting_gate = Gate()

LOOKS_PER_BOOKING = 10
"""People who wait in a queue look again and again, and many may share one address."""


def allow(source: str, now: datetime) -> None:
    """Let a booking of this source through, or raise TooManyRequests."""
    if source:
        gate.allow(source, now, bookings_max=settings().bookings_per_source_minute)


def allow_waiting(source: str, now: datetime) -> None:
    """Let a look at a queue by this source through, or raise TooManyRequests."""
    if source:
        waiting_gate.allow(
            source, now, bookings_max=LOOKS_PER_BOOKING * settings().bookings_per_source_minute
        )


def network_of(request: Request) -> str:
    """Return the network that the caller is in, as API Gateway or our CloudFront saw it; "" if neither said.

    An IPv4 address is taken whole. Of an IPv6 address it is the /64, all of which any one machine has.
    X-Forwarded-For is not looked at: anybody may write that.
    """
    identity = request.context.get("identity") or {}
    seen = _seen_at_the_edge(request) or identity.get("sourceIp") or ""
    try:
        address = ip_address(seen)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((int(address), _NETWORK_BITS), strict=False))
        return str(address.ipv4_mapped)
    return str(address)


def _seen_at_the_edge(request: Request) -> str:
    """Return the address that our distribution saw, or "" if the request doesn't prove to come from there.

    Anybody can send that header to the API's own address, or through a distribution of their own.
    """
    expected = settings().edge_secret_hash
    proof: str = request.headers.get("x-turnout-edge", "")
    if not (expected and proof):
        return ""
    # The hash is what is compared, so how long that takes says nothing of the secret.
    sent = sha256(proof.encode("utf-8", "surrogatepass")).hexdigest()
    if not compare_digest(sent, expected):
        return ""
    # The address, then the port behind a last colon, also for IPv6.
    viewer: str = request.headers.get("cloudfront-viewer-address", "")
    return viewer.rpartition(":")[0].strip("[]")
