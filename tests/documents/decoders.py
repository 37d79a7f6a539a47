"""Three readers of QR codes that share no line of code: what one of them forgives, another may not."""

import base64
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import zxingcpp
from PIL import Image

from infra.local.npm import unpacked

JSQR = "jsqr@1.4.0"
"""What web pages scan with."""

_READ_ALL = """
const jsQR = require(process.argv[1]);
const pictures = JSON.parse(require("fs").readFileSync(0, "utf8"));
const read = ({pixels, width, height}) =>
  jsQR(new Uint8ClampedArray(Buffer.from(pixels, "base64")), width, height)?.data ?? null;
console.log(JSON.stringify(pictures.map(read)));
"""


def zxing(pictures: Sequence[Image.Image]) -> list[str | None]:
    """Return what ZXing's port to C++ reads off each picture; None where it finds no code, or several."""
    found = [zxingcpp.read_barcodes(picture.convert("L")) for picture in pictures]
    return [codes[0].text if len(codes) == 1 else None for codes in found]


def zbar(pictures: Sequence[Image.Image]) -> list[str | None]:
    """Return what ZBar reads off each picture; None where it finds no code, or several."""
    read: list[str | None] = []
    with tempfile.TemporaryDirectory() as directory:
        for number, picture in enumerate(pictures):
            path = Path(directory) / f"{number}.png"
            picture.save(path)
            command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(path)]
            lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
            read.append(lines[0] if len(lines) == 1 else None)
    return read


def jsqr(pictures: Sequence[Image.Image]) -> list[str | None]:
    """Return what jsQR reads off each picture; None where it finds no code."""
    given = [
        {
            "pixels": base64.b64encode(picture.convert("RGBA").tobytes()).decode(),
            "width": picture.width,
            "height": picture.height,
        }
        for picture in pictures
    ]
    command = ["node", "-e", _READ_ALL, str(_jsqr())]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True)
    read: list[str | None] = json.loads(done.stdout)
    return read


def _jsqr() -> Path:
    return unpacked(JSQR) / "dist" / "jsQR.js"
