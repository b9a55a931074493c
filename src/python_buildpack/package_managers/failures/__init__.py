"""Explains why an installer failed, and what to do. The full output of the installer is logged before."""
