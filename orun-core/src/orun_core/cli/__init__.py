"""One command, one file; `report` owns stderr and exit codes."""
