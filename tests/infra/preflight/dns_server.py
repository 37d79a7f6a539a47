"""A little DNS server on this machine: it answers by UDP what a test puts in its zone."""

import socket
import threading
from types import TracebackType

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from infra.preflight.lookup import Lookup, Server


class DnsServer:
    """Answers while it is entered. A name in ``broken`` gets SERVFAIL, one in ``silent`` no answer."""

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.broken: set[str] = set()
        self.silent: set[str] = set()
        self.asked: list[tuple[str, str]] = []

    def __enter__(self) -> "DnsServer":
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        # An empty packet is the end: closing the socket would not wake the thread.
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    @property
    def lookup(self) -> Lookup:
        """One that asks this server, and waits for it however busy this machine is."""
        return Lookup(Server("127.0.0.1", self.port), seconds=30)

    @property
    def impatient_lookup(self) -> Lookup:
        """One that asks this server, and gives a server up that doesn't answer."""
        return Lookup(Server("127.0.0.1", self.port), seconds=2)

    def add(self, kind: str, name: str, value: str) -> None:
        """Put a record in the zone, written as in a zone file."""
        self.zone.setdefault((name, kind), []).append(value)

    def _serve(self) -> None:
        while True:
            packet, whence = self._socket.recvfrom(4096)
            if not packet:
                return
            query = dns.message.from_wire(packet)
            question = query.question[0]
            name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
            self.asked.append((name, kind))
            if name not in self.silent:
                self._socket.sendto(self._answer(query, name, kind).to_wire(), whence)

    def _answer(self, query: dns.message.Message, name: str, kind: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in self.zone:
            answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *self.zone[name, kind]))
        elif not any(known == name for known, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
