"""Helpers that are independent of Python apps."""
