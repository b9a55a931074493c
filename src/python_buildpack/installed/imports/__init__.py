"""Reads the imports of installed packages: what an app reaches, and what this Python lacks of it."""
