"""What Harbour's jobs share: reproducible archives and static sites."""
