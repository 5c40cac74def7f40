"""Runs the jobs of an orun plan in containers."""
