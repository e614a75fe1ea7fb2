"""Verification of one token with given keys, as a resource server does it with fetched ones."""

from resource_server.verification.errors import TokenInvalid
from resource_server.verification.keys import Keys, choose
from resource_server.verification.policy import Policy
from resource_server.verification.rules import Rule
from resource_server.verification.tokens import Claims, KnownHeaders, check, parse


def verify(token: str, keys: Keys, policy: Policy, now: float) -> Claims:
    """Verify a token with the keys by ``kid`` at ``now`` (seconds since the epoch).

    Follows RFC 7515, RFC 7519 and RFC 8725; raises TokenInvalid or TokenExpired.
    """
    signed = parse(token, policy, KnownHeaders())
    key = choose(keys.get(signed.header.key_id, ()), signed.header.algorithm)
    if key is None:
        raise TokenInvalid("kid is not in the issuer's key set", Rule.UNKNOWN_KEY)
    return check(signed, key, policy, now)
