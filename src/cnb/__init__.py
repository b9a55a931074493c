"""A small typed library for the Cloud Native Buildpack API 0.10. It contains nothing specific to Python apps."""
