"""What a plan is, without compiling or running."""
