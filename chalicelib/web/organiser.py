"""What organisers call."""

from chalice.app import Blueprint

from chalicelib.web.authorizer import authorizer

blueprint = Blueprint(__name__)


@blueprint.route("/admin/events", methods=["GET"], authorizer=authorizer)
def list_events() -> dict[str, list[str]]:
    """List nothing yet."""
    return {"events": []}
