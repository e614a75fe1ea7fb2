"""The lab's processes: resource servers on loopback that only verify a token until it is revoked."""
