"""moto behind a real socket: what comes from another process is answered from this one's tables and queues.

The other process has its own connections, time-outs and tries, as it has with AWS, which may misbehave to it.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber

_HOSTS = {"ses": "email"}
"""What a service is called in its address, where that is not what it is called in a signature."""


class Asked(BaseHTTPRequestHandler):
    """A request to AWS, and how it is answered."""

    protocol_version = "HTTP/1.1"
    server: "Aws"

    def do_POST(self) -> None:
        """Answer, or misbehave as was asked for."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = re.search(r"Credential=\w+/\d+/([\w-]+)/(\w+)/", self.headers["Authorization"])
        assert signed, "every request is signed"
        region, service = signed.groups()
        operation = self.headers.get("X-Amz-Target", "").partition(".")[2]
        if fault := self.server.next_fault(f"{service}.{operation}"):
            fault(self)
            return
        host = f"{_HOSTS.get(service, service)}.{region}.amazonaws.com"
        headers = HTTPHeaders()
        for name, value in self.headers.items():
            headers[name] = host if name == "Host" else value
        request = AWSPreparedRequest("POST", f"https://{host}{self.path}", headers, body, stream_output=False)
        with self.server.one_at_a_time:
            answer = botocore_stubber.process_request(request)
        assert answer, f"moto knows no {host}{self.path}"
        status, given, content = answer
        sent = content.encode() if isinstance(content, str) else content
        self.reply(status, sent, given.get("Content-Type"))

    def reply(self, status: int, content: bytes, content_type: str | None = None) -> None:
        """Send this."""
        self.send_response(status)
        self.send_header("Content-Type", content_type or "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's own signature
        """Say nothing."""


Fault = Callable[[Asked], None]


def refuses(code: str, status: int = 400, **more: object) -> Fault:
    """Let AWS say no with this code, as it says it in JSON."""
    document = json.dumps({"__type": f"com.amazonaws#{code}", "message": "No.", **more}).encode()
    return lambda asked: asked.reply(status, document)


def fails(asked: Asked) -> None:
    """Let a machine before AWS answer, which knows no JSON."""
    asked.reply(503, b"<html>Service Unavailable</html>", "text/html")


def says_nothing(asked: Asked) -> None:
    """Keep silent for longer than anybody waits for the table."""
    time.sleep(1.3)
    hangs_up(asked)


def hangs_up(asked: Asked) -> None:
    """End the connection without a word."""
    asked.close_connection = True


def breaks_off(asked: Asked) -> None:
    """End the connection within the head of the answer."""
    asked.wfile.write(b"HTTP/1.1 20")
    hangs_up(asked)


class Aws(ThreadingHTTPServer):
    """AWS, at an address of this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.one_at_a_time = threading.Lock()
        self._faults: list[tuple[str, Fault]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"

    def next_fault(self, call: str) -> Fault | None:
        """Return how this call goes wrong, if it does."""
        if self._faults and self._faults[0][0] == call:
            return self._faults.pop(0)[1]
        return None

    @contextmanager
    def misbehaving(self, call: str, *faults: Fault) -> Iterator[None]:
        """Let the next calls of this kind ("dynamodb.GetItem") go wrong like this, one after the other."""
        self._faults = [(call, fault) for fault in faults]
        yield
        assert not self._faults, f"{call} was not called often enough to see all faults"


@contextmanager
def running() -> Iterator[Aws]:
    """Have it answer for as long as this lasts."""
    with Aws() as aws:
        threading.Thread(target=aws.serve_forever, daemon=True).start()
        yield aws
        aws.shutdown()
