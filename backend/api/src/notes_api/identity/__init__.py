"""Identity: the relay to the identity provider, and who the caller is."""
