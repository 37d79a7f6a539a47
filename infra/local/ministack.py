"""MiniStack, which plays AWS on this machine: API Gateway, Lambda, DynamoDB, SQS, SNS, SSM and the clock."""

import json
import os
import secrets
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3

from infra.local.functions_log import FunctionsLog
from infra.local.places import REGION, Cannot, Places
from infra.vendor import ROOT

ENVIRONMENT = ROOT / ".venv" / "ministack"
"""Its own, made by the Makefile from requirements-local.txt: it needs a botocore older than ours."""

TAUGHT = Path(__file__).with_name("taught.py")
"""What is started: MiniStack, after it was taught what it lacks."""

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


class MiniStack:
    """The process. On the way out it is asked to stop, so that it saves its state."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._state = places.state / "ministack"
        self.log = places.build / "ministack.log"
        self.temporary = places.build / "ministack-tmp"
        self.functions_log = FunctionsLog(places.build / "functions.log")

    def __enter__(self) -> "MiniStack":
        self._forget_stream_positions()
        # Left by one that was killed.
        self._empty_temporary()
        self.temporary.mkdir(parents=True, mode=0o700)
        self.functions_log.empty()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                # The same Python's MiniStack, so that the workers can load what was built for this one.
                # -P: this directory holds a ministack.py, and that is not the one.
                [str(ENVIRONMENT / "bin" / "python"), "-P", str(TAUGHT)],
                env=self._variables(),
                cwd=self._places.state,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Out of the terminal's reach: Ctrl-C is for us, and we stop it in good order.
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def client(self, service: str) -> Any:
        """Return a boto3 client for one of its services."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want one literal name
            endpoint_url=self._places.endpoint,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def require_running(self) -> None:
        """Raise Cannot if it died."""
        if self._process.poll() is not None:
            raise Cannot(f"MiniStack stopped by itself. What it said last is in {self.log}")

    def _variables(self) -> dict[str, str]:
        # Nothing of the caller's own: an AWS profile or a PYTHONPATH must not reach the functions.
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            **inherited,
            **CREDENTIALS,
            # Every worker of a function unpacks the zip there, and leaves it.
            "TMPDIR": str(self.temporary),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self._places.aws_port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "INFO",
            "FUNCTIONS_LOG": str(self.functions_log.path),
            # Each function may do what its role allows, and no more, here as on AWS.
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._state / "s3"),
            # Its functions run as processes of ours; a Docker on this machine is none of its business.
            "DOCKER_HOST": f"unix://{self._places.state}/no-docker",
            # The functions inherit this: mails go to our sink, which writes them down as they are.
            "AWS_ENDPOINT_URL_SESV2": self._places.inbox_url,
            "AWS_ENDPOINT_URL_DYNAMODB": self._places.store_endpoint,
            "AWS_ENDPOINT_URL_SQS": self._places.store_endpoint,
        }

    def _forget_stream_positions(self) -> None:
        # What it saves is how far each stream was read, but not the stream: it would wait for as many
        # new records again before it reads one. The records that were lost are found by the clock.
        saved = self._state / "lambda.json"
        if saved.exists():
            document = json.loads(saved.read_text())
            document["payload"].pop("dynamodb_stream_positions", None)
            saved.write_text(json.dumps(document))

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            self.require_running()
            try:
                urllib.request.urlopen(f"{self._places.endpoint}/_ministack/ready", timeout=2)
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise Cannot(f"MiniStack did not answer within {START_SECONDS_MAX} s; see {self.log}")

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._empty_temporary()

    def _empty_temporary(self) -> None:
        # Each worker left thousands of files: out of the way at once, and removed while nobody waits.
        if self.temporary.exists():
            self.temporary.rename(self.temporary.with_suffix(f".{secrets.token_hex(4)}"))
        left = self.temporary.parent.glob(f"{self.temporary.name}.*")
        remove = ["/bin/sh", "-c", 'rm -rf -- "$@" &', "sh", *map(str, left)]
        subprocess.run(remove, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
