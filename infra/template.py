"""The template's own half, infra/resources/*.yaml as one, and what no merge can say.

`chalice package` merges one file over what it makes, so ours are joined first.
"""

from pathlib import Path
from typing import Any

import yaml

from infra.vendor import ROOT

RESOURCES = ROOT / "infra" / "resources"


def our_half(directory: Path = RESOURCES) -> dict[str, Any]:
    """Return all files of ``directory`` as one document. Raises ValueError if two overlap."""
    document: dict[str, Any] = {}
    for path in sorted(directory.glob("*.yaml")):
        for section, content in yaml.safe_load(path.read_text()).items():
            if not isinstance(content, dict):
                document[section] = content
                continue
            known = document.setdefault(section, {})
            if twice := known.keys() & content.keys():
                raise ValueError(f"{path.name} says again what another file says: {', '.join(sorted(twice))}")
            known.update(content)
    return document


def finish(document: dict[str, Any], runtime: str) -> None:
    """Change what Chalice made and a merge can't: the Python it names, and every mention of the table."""
    for resource in document["Resources"].values():
        if resource.get("Type") == "AWS::Serverless::Function":
            # Chalice always names the Python that it runs on.
            resource["Properties"]["Runtime"] = runtime
    for section in ("Globals", "Resources", "Outputs"):
        document[section] = _with_table_in_use(document[section])


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
