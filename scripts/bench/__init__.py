"""Measurements. Each prints a table of ratios: two things are only compared within one run."""
