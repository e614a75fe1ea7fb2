"""The feed over NATS JetStream, for hundreds or thousands of resource servers. The protocol is in docs/nats.md."""

from resource_server.revocation.nats.access import NatsAccess, access_from
from resource_server.revocation.nats.publisher import RevocationPublisher
from resource_server.revocation.nats.reader import NatsRevocationFeed

__all__ = ["NatsAccess", "NatsRevocationFeed", "RevocationPublisher", "access_from"]
