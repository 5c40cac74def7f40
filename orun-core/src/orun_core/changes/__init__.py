"""Which components a change touches."""
