"""The one address of the API, as a custom domain is on AWS: passes each request on to API Gateway.

The API's id changes whenever its routes do, and links in mails have to outlive that.
"""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import cast

PASS_ON_SECONDS_MAX = 35
"""A little longer than API Gateway waits for a function (29 s)."""

# Between two neighbours only (RFC 9110, section 7.6.1), or ours to say.
_NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host"}


class FrontDoor:
    """The server, in threads of this process."""

    def __init__(self, port: int, aws_port: int) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.aws_port = aws_port

    def __enter__(self) -> "FrontDoor":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def lead_to(self, api_id: str, home: str) -> None:
        """Pass requests on to this API from now on; until then all are answered 503.

        Whoever comes without a path is shown to ``home``, where API Gateway would say Forbidden.
        """
        self._server.home = home
        self._server.api_id = api_id


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    aws_port: int
    home: str
    api_id: str | None = None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        server = cast(_Server, self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if server.api_id is None:
            self._answer(503, [("Retry-After", "2")], b"Not deployed yet.\n")
            return
        if self.path == "/":
            self._answer(302, [("Location", server.home)], b"")
            return
        # Pairs and not a mapping, because a header may be there twice.
        headers = [
            (name, value) for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON
        ]
        aws = http.client.HTTPConnection("127.0.0.1", server.aws_port, timeout=PASS_ON_SECONDS_MAX)
        try:
            # As it came, percent signs and all: it is not this door's to understand.
            path = f"/_aws/execute-api/{server.api_id}{self.path}"
            aws.putrequest(self.command, path, skip_accept_encoding=True)
            for name, value in headers:
                aws.putheader(name, value)
            aws.endheaders(body)
            reply = aws.getresponse()
            content = reply.read()
        except OSError:
            self._answer(504, [], b"API Gateway did not answer.\n")
        else:
            self._answer(reply.status, reply.getheaders(), content)
        finally:
            aws.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in {*_NOT_PASSED_ON, "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    # The names that http.server calls.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _pass_on  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's own name
        """Say nothing: the terminal is for the steps."""
