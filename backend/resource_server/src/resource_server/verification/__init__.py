"""Verification of access tokens: pure functions of token, keys, policy and time. No I/O."""
