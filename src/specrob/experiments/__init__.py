"""Each experiment puts images, model and measure together, and returns one record of results."""
