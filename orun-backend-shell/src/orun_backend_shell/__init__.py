"""Runs the steps of an orun plan as processes of this machine."""
