"""What preflight has for pasting is what the AWS CLI takes: both know the same service models."""

import ast
import re
import shlex
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from infra.preflight.production import request_to_paste
from infra.vendor import ROOT


def commands_to_paste() -> set[str]:
    """Return each command of AWS's that the checks have for pasting, with X for what is filled in."""
    found = set()
    for path in (ROOT / "infra" / "preflight").glob("*.py"):
        tree = ast.parse(path.read_text())
        parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                found.add(
                    "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values
                    )
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts:
                found.add(node.value)
    found.add(" ".join(request_to_paste("https://larder.example", "eu-west-2", 500)).replace("\\ ", ""))
    return {text for text in found if re.match("aws (sesv2|service-quotas) ", text) and "\\" not in text}


@pytest.mark.parametrize("command", sorted(commands_to_paste()), ids=lambda command: command.split()[2])
def test_each_command_to_paste_is_one_that_aws_has_with_all_that_it_needs(command: str) -> None:
    _, service, operation, *words = shlex.split(command)
    model = botocore.session.get_session().get_service_model(service)
    [name] = [one for one in model.operation_names if xform_name(one, "-") == operation]
    shape: Any = model.operation_model(name).input_shape
    options = {f"--{xform_name(member, '-')}" for member in shape.members}
    given = {word for word in words if word.startswith("--")}
    assert given <= options | {"--region"}
    assert given >= {"--region", *(f"--{xform_name(member, '-')}" for member in shape.required_members)}
