"""Who may call the admin endpoints: bearer tokens, checked in a Lambda of their own."""

from chalice.app import AuthRequest, AuthResponse, Blueprint

blueprint = Blueprint(__name__)


@blueprint.authorizer(ttl_seconds=60, name="authorizer")
def authorizer(request: AuthRequest) -> AuthResponse:
    """Allow nobody yet."""
    return AuthResponse(routes=[], principal_id="nobody")
