"""The key set of an issuer: fetched, refreshed, and kept across restarts."""
