"""The tide API."""
