"""The lab's processes: resource servers on loopback whose only work is to be asked with a token that gets revoked."""
