"""`orun github`: one command, one file."""
