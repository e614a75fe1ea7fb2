"""Commands of the project: install, run, migrate, measure."""
