"""From entry points to names. Nothing outside sees a pluggy object."""
