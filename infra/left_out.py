"""What Lambda never reads of what we depend on, and so what the zip holds nothing of."""

import re
import shutil
from pathlib import Path

from infra import service_data

# The rest of Chalice is its command line.
_CHALICE_USED = {"__init__.py", "app.py"}

# tests/package/test_left_out.py holds what is left out against what is asked for, by every Python's way.
_UNUSED = (
    # Command lines.
    "bin",
    "icalendar/cli.py",
    "idna/__main__.py",
    "idna/cli.py",
    "segno/cli.py",
    "share",
    # What writes botocore's manuals. What it is asked for stands below, and docs/utils.py is as it was.
    *(
        f"botocore/docs/{name}"
        for name in (
            "bcdoc",
            "client.py",
            "example.py",
            "method.py",
            "paginator.py",
            "params.py",
            "service.py",
            "shape.py",
            "sharedexample.py",
            "translator.py",
            "waiter.py",
        )
    ),
    # What tests and builds are made with.
    "botocore/stub.py",
    "icalendar/fuzzing",
    "icalendar/timezone/equivalent_timezone_ids.py",
    # For Windows; for awscrt, pyOpenSSL, SOCKS and h2, which aren't there.
    "botocore/crt/auth.py",
    "dateutil/tz/win.py",
    "dateutil/tzwin.py",
    "urllib3/contrib",
    "urllib3/http2/connection.py",
    # Zone files a second time. Their module stays: dateutil looks for UTC in it where the host has none.
    "dateutil/zoneinfo/dateutil-zoneinfo.tar.gz",
    "dateutil/zoneinfo/rebuild.py",
    # What one has to import by name to get, and we don't.
    "idna/codec.py",
    "jinja2/ext.py",
    "jinja2/meta.py",
    "jinja2/nativetypes.py",
    "jinja2/sandbox.py",
    "segno/helpers.py",
)
STAND_INS = {
    "botocore/docs/__init__.py": "",
    # Each describes a call to people, and a client makes one for every call.
    "botocore/docs/docstring.py": (
        "ClientMethodDocstring = PaginatorDocstring = WaiterDocstring = lambda **described: None\n"
    ),
    # Turns HTTP/2 on for who asks for it. It would load importlib.metadata, and that zipfile and csv.
    "urllib3/http2/__init__.py": "",
}
"""What is imported at each start and of no use there, and what we put there. It was a twentieth of it."""

_UNUSED_ANYWHERE = (
    "tests",
    # For type checkers and compilers.
    "*.c",
    "*.pyi",
    "__pycache__",
    "py.typed",
    # Lists of zones for people, and all zones once more as text.
    "zoneinfo/*.tab",
    "zoneinfo/tzdata.zi",
)

# Readers skip what stands between two certificates (RFC 7468, 2): what each is called, and its hashes.
_PEM = re.compile("-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n")


def trim(directory: Path, allowed: dict[str, list[str]]) -> None:
    """Leave it out of what is installed in this directory, and of AWS's calls all but those allowed.

    ``allowed`` has the names of calls by service.
    """
    service_data.trim(directory / "botocore" / "data", allowed)
    unused = [directory / path for path in _UNUSED]
    unused += [path for path in (directory / "chalice").iterdir() if path.name not in _CHALICE_USED]
    unused += directory.glob("chalice-*.dist-info")
    for path in [*unused, *(found for pattern in _UNUSED_ANYWHERE for found in directory.rglob(pattern))]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for name, source in STAND_INS.items():
        (directory / name).write_text(source)
    for file in directory.glob("*.dist-info/**/*"):
        if file.name == "METADATA":
            # What a package is and under which licence; behind the first empty line is its readme.
            file.write_text(file.read_text().partition("\n\n")[0] + "\n")
        elif file.is_file():
            # pip's own notes are for pip.
            file.unlink()
    certificates = directory / "botocore" / "cacert.pem"
    certificates.write_text("".join(_PEM.findall(certificates.read_text())))
