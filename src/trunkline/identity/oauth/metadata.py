"""What clients read before they begin: the resource's metadata (RFC 9728) and the authorization server's (RFC 8414)."""

from typing import Any

from trunkline.identity.oauth.assertions import PROFILE
from trunkline.identity.oauth.clients import JWT_BEARER
from trunkline.identity.oauth.resource import ALL, SCOPES


def of_resource(issuer: str, path: str) -> dict[str, Any]:
    """The MCP endpoint at `path`: its URL as the client typed it, and who gives tokens for it."""
    return {
        "resource": f"{issuer}{path}",
        "authorization_servers": [issuer],
        "scopes_supported": [ALL],
        "bearer_methods_supported": ["header"],
        "resource_name": "Trunkline",
    }


def of_server(issuer: str, *, managed: bool = False) -> dict[str, Any]:
    """Ourselves as the authorization server; the same document under every well-known name.

    `managed`: whether a company's provider may vouch for its users (ID-JAG).
    """
    found: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "registration_endpoint": f"{issuer}/oauth/register",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "client_id_metadata_document_supported": True,
        "authorization_response_iss_parameter_supported": True,
    }
    if managed:
        found["grant_types_supported"] = [*found["grant_types_supported"], JWT_BEARER]
        found["authorization_grant_profiles_supported"] = [PROFILE]
    return found
