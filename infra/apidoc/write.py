"""Write the description into a folder: openapi.json and docs.html, for any base URL."""

from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader

from chalicelib.web.http.describe import BASE_URL, DOCS, OPENAPI, SCRIPT
from chalicelib.web.http.rendering import PAGES, environment, text
from infra.apidoc.document import document
from infra.apidoc.readable import sections, tasks

_TEMPLATES = Path(__file__).parent


def write(folder: Path) -> None:
    """Write both files; BASE_URL stands in them wherever a deployment's own address belongs."""
    described = document(BASE_URL)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / OPENAPI).write_bytes(msgspec.json.encode(described))
    template = _environment().get_template("docs.html")
    shown = sections(described, BASE_URL)
    page = template.render(
        style=text("turnout.css"), script=text(SCRIPT), base_url=BASE_URL, sections=shown, tasks=tasks(shown)
    )
    (folder / DOCS).write_text(page, encoding="utf-8")


def _environment() -> Environment:
    ours: Environment = environment().overlay(loader=FileSystemLoader([_TEMPLATES, PAGES]))
    return ours
