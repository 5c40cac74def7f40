"""The `.orun/` folder: an append-only journal and folds of it."""
