"""Readers of what the sources of parliamentary papers publish."""
