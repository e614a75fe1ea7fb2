"""What an issuer's access tokens look like, where they differ from RFC 9068."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ACCESS_TOKEN_TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})
ANY_TYPES: Final = ACCESS_TOKEN_TYPES | {"jwt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenProfile:
    """Which claims of an issuer hold the fields of a Principal, and how its access tokens differ from its other tokens.

    ``scope``: the claims that list scopes, as text or as a list; all that are there count.
    ``roles``: the path to the list of roles, from the outermost member; a single role may be text.
    ``session_id``, ``version``: the claims that ``sid`` and ``ver`` are read from; None where the issuer has none.
    ``client_id``: the claim that names the client, where ``client_id`` does not; None where the issuer has none.
    ``audience``: the claim that names for whom a token is; None accepts the tokens that the issuer made for anybody.
    ``types``: the values of the header's ``typ``, in lower case. ``type_required``: a token without it is refused.
    ``key_id_required``: False accepts a token without ``kid``, by the only key of its algorithm in the key set.
    ``required_values``: claims that must have exactly this value. ``refused_values``: values that refuse the token.
    ``forbidden``: claims that access tokens never have.
    """

    scope: tuple[str, ...] = ("scope",)
    roles: tuple[str, ...] = ("roles",)
    session_id: str | None = "sid"
    version: str | None = "ver"
    client_id: str | None = "client_id"
    audience: str | None = "aud"
    types: frozenset[str] = ANY_TYPES
    type_required: bool = False
    key_id_required: bool = True
    required_values: tuple[tuple[str, str], ...] = ()
    refused_values: tuple[tuple[str, str], ...] = ()
    forbidden: frozenset[str] = frozenset()

    def normalise(self, claims: Mapping[str, Any]) -> dict[str, Any]:
        """The claims by this library's names. A claim that is null counts as absent; a value of a wrong type is left as
        it is."""
        found = {name: value for name, value in claims.items() if value is not None}
        mapped = dict(found)
        for name, value in (
            ("scope", _scopes([found[name] for name in self.scope if name in found])),
            ("roles", _roles(found, self.roles)),
            ("sid", found.get(self.session_id) if self.session_id else None),
            ("ver", found.get(self.version) if self.version else None),
            ("client_id", found.get(self.client_id, found.get("client_id")) if self.client_id else None),
        ):
            if value is None:
                mapped.pop(name, None)
            else:
                mapped[name] = value
        return mapped


PLAIN: Final = TokenProfile()


def _scopes(values: list[Any]) -> object:
    if not values:
        return None
    texts = [" ".join(value) if _is_list_of_text(value) else value for value in values]
    wrong = next((text for text in texts if type(text) is not str), None)
    return wrong if wrong is not None else " ".join(dict.fromkeys(" ".join(texts).split()))


def _roles(claims: Mapping[str, Any], path: tuple[str, ...]) -> object:
    value: object = claims
    for name in path:
        if type(value) is not dict or value.get(name) is None:
            return None
        value = value[name]
    return [value] if type(value) is str else value


def _is_list_of_text(value: object) -> bool:
    return type(value) is list and all(type(item) is str for item in value)
