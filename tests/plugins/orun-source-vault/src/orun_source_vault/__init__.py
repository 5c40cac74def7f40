"""Composition packages from a company's vault."""
