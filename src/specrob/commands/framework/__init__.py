"""What every command is made of: options from records, reading, writing, progress, messages."""
