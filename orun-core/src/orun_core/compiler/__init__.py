"""Six stages, one file each; pure after load. Read `pipeline` first."""
