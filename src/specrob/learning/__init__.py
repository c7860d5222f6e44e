"""Learning: local rules, supervised training, penalties and pruning."""
