"""The Cloud Native Buildpack API 0.10 as a small typed library. It knows nothing of Python apps."""
