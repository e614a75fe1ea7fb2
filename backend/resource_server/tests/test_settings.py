"""Unsafe settings are refused when they are built."""

from typing import Any

import pytest

from resource_server.settings import ResourceServerSettings


@pytest.mark.parametrize(
    "url",
    ["https://idp.test/jwks", "http://localhost:3000/jwks", "http://127.0.0.1/jwks", "http://[::1]:3000/jwks"],
)
def test_an_address_is_accepted_by_https_or_on_loopback(url: str) -> None:
    assert ResourceServerSettings(issuer="i", audience="a", jwks_url=url).jwks_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.test/jwks",
        "http://10.0.0.1/jwks",
        "http://localhost.attacker.example/jwks",
        "ftp://idp.test/jwks",
        "file:///etc/passwd",
        "https://user:secret@idp.test/jwks",
        "/jwks",
    ],
)
def test_an_unsafe_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="jwks_url"):
        ResourceServerSettings(issuer="i", audience="a", jwks_url=url)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("token_cache_size", 0),
        ("refusal_cache_size", 0),
        ("fetch_timeout", 0),
        ("max_key_set_age", 0),
        ("max_revocation_staleness", -1),
        ("algorithms", ("HS256",)),
        ("algorithms", "EdDSA"),
        ("leeway", 3600),
        *(
            (setting, value)
            for setting in ("leeway", "max_token_life", "fetch_timeout", "max_key_set_age", "max_revocation_staleness")
            for value in (float("nan"), float("inf"), "60", None, True, -1)
        ),
        *(
            (setting, value)
            for setting in ("max_token_size", "token_cache_size", "refusal_cache_size")
            for value in (float("nan"), 1.5, "60", None, True, -1)
        ),
        *((setting, value) for setting in ("issuer", "audience", "jwks_url") for value in ("", None, 1, ["a"])),
        ("algorithms", ()),
        ("algorithms", None),
        ("algorithms", ("EdDSA", 1)),
        ("accept_stock_tokens", "yes"),
        ("key_set_snapshot", "/var/lib/notes/keys.json"),
        ("required_claims", "sid"),
        ("required_claims", (None,)),
        ("jwks_url", "https://idp.test:x/"),
    ],
)
def test_an_unsafe_setting_is_refused(setting: str, value: object) -> None:
    settings: dict[str, Any] = {"issuer": "i", "audience": "a", "jwks_url": "https://idp.test", setting: value}
    with pytest.raises(ValueError, match=setting):
        ResourceServerSettings(**settings)
