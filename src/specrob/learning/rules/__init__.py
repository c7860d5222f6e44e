"""Local learning rules, one file each."""
