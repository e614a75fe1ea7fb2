"""Notes: the protected example resource; each belongs to one user."""
