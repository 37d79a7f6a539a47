"""What the public calls."""

from chalice.app import Blueprint

blueprint = Blueprint(__name__)


@blueprint.route("/events/{slug}")
def get_event(slug: str) -> dict[str, str]:
    """Say that the API is there."""
    return {"slug": slug}
