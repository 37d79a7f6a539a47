"""Links in what an organiser typed, as pages and emails show it."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

# Marks behind a word, which Jinja2 would take into a link.
_MARKS = r"([!?;:'\"]+(?=\s|\Z))"
# Jinja2 links http:// too, puts https:// before schemes in capitals, and takes one into an email address.
_OTHER_LINKS = r'(?i)<a href="(?!mailto:(?![^">]*:)|https://(?!https?:))[^>]*>(.*?)</a>'
_MAILTO = r'<a href="mailto:[^>]*>(.*?)</a>'


def linked(text: str) -> "Markup":
    """Return a text escaped, with links to its https and email addresses."""
    from jinja2.utils import urlize  # noqa: PLC0415  # booking by JSON must not load it
    from markupsafe import Markup  # noqa: PLC0415

    found = "".join(urlize(part, rel="nofollow noopener") for part in re.split(_MARKS, text))
    return Markup(re.sub(_OTHER_LINKS, r"\1", found))  # noqa: S704  # urlize escapes


def https_linked(text: str) -> "Markup":
    """Return a text escaped, with links to its https addresses only: an email program finds the others."""
    from markupsafe import Markup  # noqa: PLC0415  # as above

    return Markup(re.sub(_MAILTO, r"\1", linked(text)))  # noqa: S704  # as above
