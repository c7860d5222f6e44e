"""The numbers of artifacts: what they are called, their units and errors, and how to show them."""
