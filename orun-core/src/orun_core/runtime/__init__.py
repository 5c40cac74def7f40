"""Runs a plan; knows no compiler."""
