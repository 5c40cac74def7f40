"""Core's own plugin: enters by the same door as everyone."""
