"""status, logs, get, describe, report and tui: every picture of an orun run."""
