"""Looking DNS records up, with this computer's resolver or another one."""

import ipaddress

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from msgspec import Struct

from infra.preflight.check import CannotTell

SECONDS_MAX = 5.0


class Server(Struct, frozen=True):
    """A DNS server to ask in place of this computer's own."""

    host: str
    port: int


def server_in(text: str) -> Server:
    """Return the server that HOST:PORT names; without a port it is 53. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or "]" in port or (":" in host and not host.startswith("[")):
        host, port = text, "53"
    address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError(port)
    return Server(str(address), int(port))


class Lookup:
    """Answers from DNS."""

    def __init__(self, server: Server | None = None, seconds: float = SECONDS_MAX) -> None:
        self._server = server
        self._seconds = seconds

    def values(self, name: str, kind: str) -> list[str]:
        """Return the values of all records of this kind; names in them are in lower case, without end dot.

        Raises CannotTell if no server answers.
        """
        try:
            answer = self._resolver().resolve(name, kind, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.exception.Timeout, dns.resolver.NoNameservers, dns.resolver.NoResolverConfiguration):
            raise CannotTell(f"no DNS server answers for {name}") from None
        except (dns.exception.DNSException, OSError) as error:
            raise CannotTell(f"{name} can't be looked up ({type(error).__name__})") from None
        return [_value(record) for record in answer.rrset or ()]

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=self._server is None)
        if self._server:
            resolver.nameservers = [self._server.host]
            resolver.port = self._server.port
        resolver.lifetime = self._seconds
        return resolver


def _value(record: object) -> str:
    # A long text is stored in pieces, which are one text without anything between them (RFC 7208, 3.3).
    if (pieces := getattr(record, "strings", None)) is not None:
        return b"".join(pieces).decode(errors="replace")
    return str(record).lower().removesuffix(".")
