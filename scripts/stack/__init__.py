"""The whole stack: its processes, how `make dev` and `make start` run them, and one of a test's own."""
