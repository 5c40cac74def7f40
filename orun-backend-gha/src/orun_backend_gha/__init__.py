"""Runs an orun plan on GitHub Actions: locally through act, or on GitHub."""
