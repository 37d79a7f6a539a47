"""Instructions, as Valgrind's callgrind counts them: the same on every machine, however busy it is."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.functions import COUNTED_CALLS, ENVIRONMENT, FUNCTIONS, WARM_CALLS, Function
from infra.vendor import ROOT


class Instructions(Struct, frozen=True, kw_only=True):
    """What one function executes: until it is ready, and for each series its first call and a warm one."""

    start: int
    first: dict[str, int]
    warm: dict[str, float]
    yardstick: float | None = None
    """A bare signed TransactWriteItems with botocore, answered at once."""


def count_boto3() -> int:
    """Return what it takes to make ``boto3.client("dynamodb")``, untrimmed, installed, with bytecode."""
    with tempfile.TemporaryDirectory() as alone:
        # Nothing else in reach: it imports more where other packages are installed that it can make use of.
        for name in _BOTO3:
            (Path(alone) / name).symlink_to(Path(sysconfig.get_paths()["purelib"]) / name)
        return _count_boto3(alone)


def _count_boto3(site: str) -> int:
    code = f"import sys; sys.path.append({site!r}); import boto3; boto3.client('dynamodb')"
    check = f"{code}; print(*(m.__cached__ for m in sys.modules.values() if getattr(m, '__cached__', None)))"
    # The first run may write bytecode; whatever has none after that would be compiled again each time.
    cached = _run([sys.executable, *_ALONE, "-c", check]).split()
    if missing := [path for path in cached if not Path(path).exists()]:
        sys.exit(f"There is no bytecode for {missing[0]}, so this would compare with something slower.")
    (whole,) = _count([*_ALONE, "-B", "-c", code])
    return whole


def count(name: str, unpacked: Path, recording: Path) -> Instructions:
    """Return what this function executes from the unpacked zip, with what ``recording`` plays back."""
    function: Function = FUNCTIONS[name]
    arguments = [str(unpacked), str(ROOT), str(recording), function.module, function.handler]
    parts = iter(_count([*_ALONE, "-B", str(ROOT / "bench" / "inside.py"), *arguments, *function.series]))
    played = msgspec.json.decode(recording.read_bytes())["series"]
    calls = {series: len(played[series][1:][: COUNTED_CALLS.get(series)]) for series in function.series}
    start, first, warm = next(parts), {}, {}
    for series in function.series:
        next(parts)
        first[series] = next(parts)
        warm[series] = next(parts) / calls[series]
    rest = list(parts)
    # Preparing it, the calls, and the end; or, where nothing was booked, the end alone.
    yardstick = rest[1] / WARM_CALLS if len(rest) == 3 else None
    return Instructions(start=start, first=first, warm=warm, yardstick=yardstick)


_BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six.py")
"""boto3 and all that it needs."""

# No site-packages, nothing of the user's, and the hash seed below: the same instructions each time.
_ALONE = ["-S", "-s", "-P"]


def _count(arguments: list[str]) -> list[int]:
    """Return the instructions between one mark and the next, the process's start and end included."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        sys.exit("This counts instructions with Valgrind. Install it: apt-get install valgrind")
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "out"
        command = [valgrind, "--tool=callgrind", "--dump-before=getloadavg", f"--callgrind-out-file={out}"]
        _run([*command, sys.executable, *arguments])
        marked = sorted(Path(directory).glob("out.*"), key=lambda path: int(path.suffix[1:]))
        return [_total(path) for path in [*marked, out]]


def _total(path: Path) -> int:
    (line,) = [line for line in path.read_text().splitlines() if line.startswith("totals:")]
    return int(line.partition(":")[2])


def _run(command: list[str]) -> str:
    environment = {**ENVIRONMENT, "PATH": os.environ["PATH"], "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nfailed:\n{done.stdout}{done.stderr}")
    return done.stdout
