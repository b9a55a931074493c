"""Terrarium: reads a Python project, decides, installs and describes."""
