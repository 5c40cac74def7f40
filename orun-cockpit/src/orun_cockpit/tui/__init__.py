"""`orun tui`: the cockpit. Textual is imported below this package only; it is given views by `orun_cockpit.bridge`."""
