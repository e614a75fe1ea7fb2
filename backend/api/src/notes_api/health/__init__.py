"""Health: liveness, readiness, metrics."""
