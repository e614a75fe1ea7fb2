"""Finds what is wrong with a resource server's settings and surroundings, and names the remedy.

``python -m resource_server doctor`` runs all of it on the settings of the environment; the functions are for an
application that has a doctor of its own. No message holds a secret.
"""

from resource_server.doctor.agreement import disagreements

__all__ = ["disagreements"]
