"""One thin file per command: a signature, its help, and the hand-off to the library."""
