"""A small typed library for the Cloud Native Buildpack APIs 0.10 to 0.12, with nothing specific to Python apps."""
