"""Every minute: the reconciler."""

from chalice.app import Blueprint, CloudWatchEvent

blueprint = Blueprint(__name__)


@blueprint.schedule("rate(1 minute)", name="clock")
def clock(tick: CloudWatchEvent) -> None:
    """Recount the sessions whose counters moved."""
