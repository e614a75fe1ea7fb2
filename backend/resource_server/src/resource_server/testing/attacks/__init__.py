"""The attack corpus: invalid tokens of every kind, for the protected routes of an application.

@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_refuses(attack, client, fake_issuer):
    token = attack.forge(fake_issuer.sample())
    assert client.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401

``EDGE_ATTACKS`` are refused only in the second of the sample: give the server a fake clock.
"""

from resource_server.testing.attacks.claim_types import CLAIM_TYPE_ATTACKS
from resource_server.testing.attacks.claim_values import CLAIM_VALUE_ATTACKS, EDGE_ATTACKS
from resource_server.testing.attacks.encoding import ENCODING_ATTACKS
from resource_server.testing.attacks.header import HEADER_ATTACKS
from resource_server.testing.attacks.sample import Attack, Sample
from resource_server.testing.attacks.signature import SIGNATURE_ATTACKS

ATTACKS: tuple[Attack, ...] = (
    *ENCODING_ATTACKS,
    *HEADER_ATTACKS,
    *SIGNATURE_ATTACKS,
    *CLAIM_TYPE_ATTACKS,
    *CLAIM_VALUE_ATTACKS,
)

__all__ = ["ATTACKS", "EDGE_ATTACKS", "Attack", "Sample"]
