"""What a deployment has that costs the same each month, however many people book."""

import re

from infra.template import our_half
from infra.vendor import ROOT


def standing() -> dict[str, int]:
    """Return how many alarms, dashboards and metrics there are, as costs.bill_of_a_month takes them."""
    resources = our_half()["Resources"].values()
    return {
        "alarms": sum(
            resource["Type"] == "AWS::CloudWatch::Alarm" for resource in resources if "Type" in resource
        ),
        "dashboards": sum(resource.get("Type") == "AWS::CloudWatch::Dashboard" for resource in resources),
        "metrics": _metrics(),
    }


def _metrics() -> int:
    """Return how many metrics of our own the code counts."""
    sources = (ROOT / "chalicelib").rglob("*.py")
    return len({name for path in sources for name in re.findall(r'logs\.metric\("(\w+)"', path.read_text())})
