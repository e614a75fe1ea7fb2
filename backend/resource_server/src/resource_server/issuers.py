"""Settings for well-known issuers. Each takes further settings by name; anything unsafe raises ValueError.

The shapes are those that each issuer documents. ``issuer`` is always the exact value of ``iss``.
"""

from typing import Any, Final

from resource_server.settings import ResourceServerSettings
from resource_server.verification.profile import ACCESS_TOKEN_TYPES, TokenProfile

_ID_TOKEN_CLAIMS: Final = frozenset({"nonce", "at_hash", "c_hash"})


def _settings(
    issuer: str, audience: str, keys: str, profile: TokenProfile, settings: dict[str, Any]
) -> ResourceServerSettings:
    values: dict[str, Any] = {
        "issuer": issuer,
        "audience": audience,
        "jwks_url": f"{issuer.rstrip('/')}{keys}",
        "algorithms": ("RS256",),
        "profile": profile,
    }
    return ResourceServerSettings(**(values | settings))


def better_auth(issuer: str, audience: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Better Auth's ``jwt`` plugin, at the base URL of its application."""
    defaults = {"algorithms": ("EdDSA", "RS256")}
    return _settings(issuer, audience, "/api/auth/jwks", TokenProfile(), defaults | settings)


def better_auth_oauth_provider(issuer: str, audience: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Better Auth's OAuth provider plugin from 1.7; ``issuer`` includes its base path, such as ``/api/auth``."""
    # The same keys sign the tokens of the jwt plugin; only the type tells them from access tokens.
    profile = TokenProfile(
        version=None, client_id="azp", types=ACCESS_TOKEN_TYPES, type_required=True, forbidden=_ID_TOKEN_CLAIMS
    )
    defaults = {"algorithms": ("EdDSA", "RS256")}
    return _settings(issuer, audience, "/jwks", profile, defaults | settings)


def keycloak(issuer: str, audience: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Keycloak; ``issuer`` is ``https://<host>/realms/<realm>``. The roles are those of the realm."""
    # Before version 25, and with a mapper since, access tokens have a nonce too: the claim typ tells tokens apart.
    profile = TokenProfile(
        roles=("realm_access", "roles"),
        version=None,
        client_id="azp",
        required_values=(("typ", "Bearer"),),
    )
    return _settings(issuer, audience, "/protocol/openid-connect/certs", profile, settings)


def auth0(issuer: str, audience: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Auth0; ``issuer`` is ``https://<tenant>.auth0.com/``, with the slash. ``permissions`` count as scopes."""
    profile = TokenProfile(scope=("scope", "permissions"), version=None, client_id="azp", forbidden=_ID_TOKEN_CLAIMS)
    return _settings(issuer, audience, "/.well-known/jwks.json", profile, settings)


def entra_id(tenant: str, audience: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Microsoft Entra ID, access tokens of version 2.0 of the tenant with this id.

    The issuer names the tenant. The claim ``tid`` does too, but tokens without the scope ``profile`` may lack it.
    """
    issuer = f"https://login.microsoftonline.com/{tenant}/v2.0"
    profile = TokenProfile(
        scope=("scp",),
        version=None,
        client_id="azp",
        required_values=(("ver", "2.0"),),
        forbidden=_ID_TOKEN_CLAIMS,
    )
    keys = {"jwks_url": f"https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys"}
    # An ID token may have the same audience, where one registration is the client and the API; it has no azp.
    required = {"required_claims": {*settings.pop("required_claims", ()), "azp"}}
    return _settings(issuer, audience, "", profile, keys | settings | required)


def cognito(issuer: str, client_id: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Amazon Cognito; ``issuer`` is ``https://cognito-idp.<region>.amazonaws.com/<pool>``. Groups count as roles.

    Its access tokens have no ``aud``: the app client is checked instead. The session is ``origin_jti``.
    """
    profile = TokenProfile(
        roles=("cognito:groups",),
        session_id="origin_jti",
        version=None,
        audience="client_id",
        required_values=(("token_use", "access"),),
    )
    return _settings(issuer, client_id, "/.well-known/jwks.json", profile, settings)


def clerk(issuer: str, authorized_party: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Clerk's session tokens, which have no ``aud``; ``authorized_party`` is the origin of the frontend (``azp``).

    The role is that in the active organization, by version 2 of these tokens. A session whose status is pending,
    such as that of a user who has yet to choose an organization, is refused.
    """
    profile = TokenProfile(
        roles=("o", "rol"), audience="azp", version=None, client_id=None, refused_values=(("sts", "pending"),)
    )
    return _settings(issuer, authorized_party, "/.well-known/jwks.json", profile, settings)


def supabase(issuer: str, audience: str = "authenticated", **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Supabase Auth with asymmetric signing keys; ``issuer`` is ``https://<project>.supabase.co/auth/v1``."""
    profile = TokenProfile(roles=("role",), session_id="session_id", version=None)
    defaults = {"algorithms": ("ES256", "RS256", "EdDSA")}
    return _settings(issuer, audience, "/.well-known/jwks.json", profile, defaults | settings)


def okta(issuer: str, audience: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """An authorization server of Okta; ``issuer`` is ``https://<domain>/oauth2/<id>``. Groups count as roles."""
    profile = TokenProfile(scope=("scp",), roles=("groups",), version=None, client_id="cid", forbidden=_ID_TOKEN_CLAIMS)
    return _settings(issuer, audience, "/v1/keys", profile, settings)


def duende(issuer: str, audience: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Duende IdentityServer, whose access tokens have the type ``at+jwt``; scopes may be text or a list."""
    profile = TokenProfile(roles=("role",), version=None, types=ACCESS_TOKEN_TYPES, type_required=True)
    return _settings(issuer, audience, "/.well-known/openid-configuration/jwks", profile, settings)


def spring(issuer: str, audience: str, **settings: Any) -> ResourceServerSettings:  # noqa: ANN401
    """Spring Authorization Server, whose tokens are for the client (``aud``) unless it is customised."""
    # Its ID tokens have the same audience; only they have azp.
    profile = TokenProfile(version=None, forbidden=_ID_TOKEN_CLAIMS | {"azp"})
    return _settings(issuer, audience, "/oauth2/jwks", profile, settings)
