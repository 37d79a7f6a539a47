"""The template's own half, infra/resources/*.yaml as one, and what no merge can say.

`chalice package` merges one file over what it makes, so ours are joined first.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.vendor import ROOT

RESOURCES = ROOT / "infra" / "resources"
SHUT = ROOT / "infra" / "shut"

OF_THE_STAGE = (
    "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${!stageVariables.public}"
)
"""The function that the stage's variable names: how the definition calls it, in an Fn::Sub."""


def our_half(directory: Path = RESOURCES) -> dict[str, Any]:
    """Return all files of ``directory`` as one document. Raises ValueError if two overlap."""
    document: dict[str, Any] = {}
    for path in sorted(directory.glob("*.yaml")):
        for section, content in yaml.load(path.read_text(), Loader=yaml.CSafeLoader).items():
            if not isinstance(content, dict):
                document[section] = content
                continue
            known = document.setdefault(section, {})
            if twice := known.keys() & content.keys():
                raise ValueError(f"{path.name} says again what another file says: {', '.join(sorted(twice))}")
            known.update(content)
    return document


def finish(document: dict[str, Any], runtime: str) -> None:
    """Change what a merge can't: the Python it names, what API Gateway calls, every mention of the table."""
    for resource in document["Resources"].values():
        if resource.get("Type") == "AWS::Serverless::Function":
            # Chalice always names the Python that it runs on.
            resource["Properties"]["Runtime"] = runtime
    document["Resources"]["Shut"]["Properties"]["Runtime"] = runtime
    _call_the_alias(document["Resources"])
    _write_code_in(document["Resources"])
    for section in ("Globals", "Resources", "Outputs"):
        document[section] = _with_table_in_use(document[section])


def _call_the_alias(resources: dict[str, Any]) -> None:
    """Let API Gateway call the API's function by its alias, where Chalice names the function itself.

    Else no process that is kept started would ever be given a request. The public's routes ask the stage
    which function that is, so that one call can put another in its place (infra/shut_out.py). The authorizer
    is called by its own name: it is asked once a minute for each organiser, and never by the public.
    """
    definition = resources["RestAPI"]["Properties"]["DefinitionBody"]
    for path, methods in definition["paths"].items():
        called = "${APIHandlerAlias}" if path.startswith("/admin/") else OF_THE_STAGE
        named = json.dumps(methods).replace("${APIHandler.Arn}", called)
        definition["paths"][path] = json.loads(named)
    resources["APIHandlerInvokePermission"]["Properties"]["FunctionName"] = {"Ref": "APIHandlerAlias"}


def _write_code_in(resources: dict[str, Any]) -> None:
    """Put the code that the template itself holds where its file is named, with what it says while shut."""
    page, problem = (json.dumps((SHUT / name).read_text().strip()) for name in ("page.html", "problem.json"))

    def filled_in(name: str) -> str:
        text = (SHUT / name).read_text()
        return text.replace('"__PAGE__"', page).replace('"__PROBLEM__"', problem)

    resources["Shut"]["Properties"]["Code"]["ZipFile"] = filled_in("api.py")
    resources["EdgeFunction"]["Properties"]["FunctionCode"] = filled_in("edge.js")


def name_version(document: dict[str, Any], values: Mapping[str, str]) -> None:
    """Name the API's version after all that it is made from, so that another function is another version.

    ``values`` are those of the template's parameters. A version is a copy that never changes: under the same
    name CloudFormation would leave it as it was, and the public with it. Code and settings are in the
    template, parameters are not; SAM's AutoPublishAlias looks at the former alone (its issue 3820).
    While no processes are kept started there is no version, and nothing to name.
    """
    if int(values["ProvisionedConcurrency"]) == 0:
        return
    resources = document["Resources"]
    function = resources["APIHandler"]["Properties"]
    made_from = json.dumps([function, document["Globals"], dict(values)], sort_keys=True)
    digest = hashlib.sha256(made_from.encode()).hexdigest()[:16]
    # Lambda refuses a second version of a function that has not changed: so it does, at least in this.
    function["Description"] = f"Made from {digest}"
    resources[f"APIHandlerVersion{digest}"] = resources.pop("APIHandlerVersion")
    alias = resources["APIHandlerAlias"]["Properties"]
    alias["FunctionVersion"]["Fn::If"][1] = {"Fn::GetAtt": [f"APIHandlerVersion{digest}", "Version"]}


_RESTORED_ARN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${RestoredTable}"
_RESTORED: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"Ref": "Table"}, {"Ref": "RestoredTable"}),
    ({"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Sub": _RESTORED_ARN}),
    ({"Fn::GetAtt": ["Table", "StreamArn"]}, {"Fn::Sub": f"{_RESTORED_ARN}/stream/${{RestoredStream}}"}),
)
"""What stands in for the stack's own table once another was restored from it: see docs/restore.md."""


def _with_table_in_use(node: Any) -> Any:
    for made, restored in _RESTORED:
        if node == made:
            return {"Fn::If": ["TableIsRestored", restored, made]}
    if isinstance(node, dict):
        return {key: _with_table_in_use(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_table_in_use(value) for value in node]
    return node
