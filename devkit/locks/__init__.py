"""Installs random locked projects by their own tool and by uv, and compares what is there afterwards."""
