"""Composition packages from OCI registries, and publishing them."""
