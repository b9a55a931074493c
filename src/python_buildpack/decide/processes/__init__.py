"""Finds apps and their processes in the source, without importing it."""
