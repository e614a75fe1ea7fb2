"""The key set of an issuer: fetched, kept fresh, and kept over a restart."""
