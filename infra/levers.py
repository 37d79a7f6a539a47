"""What may be asked of the parameters that are set before an opening, and can't be said in a template."""

from collections.abc import Mapping

from infra.stack import CannotDeploy

WARM = ("WarmWritesPerSecond", "WarmReadsPerSecond")


def require_possible(values: Mapping[str, str], before: Mapping[str, str]) -> None:
    """Raise CannotDeploy if AWS would refuse these parameters, half an hour into the change.

    ``before``: what the stack has now; nothing if there is none.
    """
    for name in WARM:
        wanted, had = _count(values, name), _count(before, name)
        if wanted < had:
            raise CannotDeploy(f"{name} is {had}, and a table's warm throughput can't be lowered.")
    provisioned, reserved = _count(values, "ProvisionedConcurrency"), _count(values, "ReservedConcurrency")
    if 0 < reserved < provisioned:
        raise CannotDeploy(
            f"ProvisionedConcurrency ({provisioned}) is more than ReservedConcurrency ({reserved}): "
            "no more can be kept started than may run."
        )
    if 0 < _count(values, "RequestsPerSourceFiveMinutes") < RATE_MIN:
        raise CannotDeploy(
            f"RequestsPerSourceFiveMinutes has to be {RATE_MIN} or more, or 0 for no firewall."
        )
    if bool(values.get("DistributionDomain")) != bool(values.get("DistributionCertificate")):
        raise CannotDeploy(
            "DistributionDomain and DistributionCertificate go together: the one needs the other."
        )
    if values.get("Distribution") == "on" and _count(values, "RequestsPerSourceFiveMinutes"):
        raise CannotDeploy(
            "Behind a distribution the API's firewall would see only CloudFront, and refuse it. "
            "Set RequestsPerSourceFiveMinutes=0. The distribution can have its own (DistributionFilter)."
        )


RATE_MIN = 10
"""The lowest limit of a rate rule. Source: AWS WAF API reference, RateBasedStatement."""


def _count(values: Mapping[str, str], name: str) -> int:
    text = values.get(name, "0")
    if not text.isdecimal():
        raise CannotDeploy(f"{name} has to be a whole number; {text!r} is not.")
    return int(text)
