"""Writes shared-schema/vectors: golden access tokens, bad ones, and the key set that belongs to them.

Every run makes new keys, which are thrown away, and so replaces all three files together. The bad tokens are forged
from a good one by the library's attack corpus; each names the rule that it breaks.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from resource_server.testing.attacks import ATTACKS, EDGE_ATTACKS
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.signing import SigningKey

VERSION = 1
NOW = 1_800_000_000
FOLDER = Path(__file__).resolve().parent.parent / "shared-schema" / "vectors"

# The second key repeats only the attacks in which the algorithm plays a part.
ALGORITHM_BOUND = ("alg/", "kid/", "key/", "signature/")


def accepted(issuer: FakeIssuer, key: SigningKey) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Good tokens: id, reason, token and claims."""
    day = 86_400
    claims = {
        "plain": ("as the identity provider issues it", issuer.claims(scopes=("notes:read", "notes:write"))),
        "admin": ("a user with two roles", issuer.claims(roles=("user", "admin"), version=7)),
        "no-scope": ("scope may be empty", issuer.claims(roles=())),
        "unicode": ("a name in any script", issuer.claims(name="Zoë Ωmega 李 👋", email_verified=False)),
        "longest-life": ("the longest life that is allowed", issuer.claims(life=31 * day)),
        "last-second": ("expires in a second", issuer.claims(iat=NOW - 30 * day + 1, exp=NOW + 1)),
    }
    for name, (reason, values) in claims.items():
        yield name, reason, key.token(values), values
    values = issuer.claims(scopes=("notes:read",))
    for typ in ("JWT", "at+jwt"):
        header = {"alg": key.algorithm, "typ": typ, "kid": key.key_id}
        yield f"typ-{typ}", f"typ may be {typ}", key.token(values, header), values


def rejected(issuer: FakeIssuer, key: SigningKey, *, all_attacks: bool) -> Iterator[tuple[str, str, str, str, str]]:
    """Bad tokens: id, code, rule, reason and token."""
    issuer.keys.remove(key)
    issuer.keys.append(key)
    sample = issuer.sample()
    for attack in (*ATTACKS, *EDGE_ATTACKS):
        if all_attacks or attack.id.startswith(ALGORITHM_BOUND):
            yield attack.id, attack.code, attack.rule.value, attack.reason, attack.forge(sample)


def write(name: str, content: Mapping[str, Any]) -> None:
    """Write one file of vectors."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Replace the vectors."""
    issuer = FakeIssuer(issuer="http://localhost:3000", audience="http://localhost:8000", clock=FakeClock(NOW))
    issuer.rotate("RS256")
    keys = list(issuer.keys)
    date = datetime.now(UTC).date().isoformat()
    stamp = {"version": VERSION, "date": date}
    policy = issuer.policy
    heading = stamp | {
        "now": NOW,
        "policy": {
            "issuer": policy.issuer,
            "audience": policy.audience,
            "algorithms": sorted(issuer.settings.algorithms),
            "leeway": int(policy.leeway),
            "maxTokenLife": int(policy.max_token_life),
            "maxTokenSize": policy.max_token_size,
            "requiredClaims": sorted(policy.required_claims),
        },
    }
    good = [
        {
            "id": f"{key.algorithm}/{name}",
            **stamp,
            "expect": "accept",
            "reason": reason,
            "token": token,
            "claims": claims,
        }
        for key in keys
        for name, reason, token, claims in accepted(issuer, key)
    ]
    bad = [
        {
            "id": f"{key.algorithm}/{name}",
            **stamp,
            "expect": "reject",
            "code": code,
            "rule": rule,
            "reason": reason,
            "token": token,
        }
        for key in keys
        for name, code, rule, reason, token in rejected(issuer, key, all_attacks=key is keys[0])
    ]
    write("jwks.json", issuer.jwks)
    write("accepted.json", heading | {"cases": good})
    write("rejected.json", heading | {"cases": bad})
    print(f"{len(good)} good and {len(bad)} bad tokens")


if __name__ == "__main__":
    main()
