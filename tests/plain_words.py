"""The words that text for people does without, and how to find them."""

import re

_NEVER = re.compile(
    r"\b(?:whoever|nobody|none of|told|deeds?|at it|as it is|not more|those that"
    r"|e-mail\w*|mails?|mailed|mailing)\b",
    re.IGNORECASE,
)

_CODE = re.compile(r"```.*?```|`[^`]*`|^ {4,}[^\n]*|\{[{%#].*?[}%#]\}|<[^>]*>", re.DOTALL | re.MULTILINE)
"""Code keeps its names: between backticks, indented, in a template's braces and in tags."""


def not_plain(text: str) -> list[str]:
    """Return each word in this text that a plainer one should stand for, as often as it is there."""
    return _NEVER.findall(_CODE.sub(" ", text))
