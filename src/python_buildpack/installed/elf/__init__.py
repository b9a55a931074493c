"""The ELF format, as far as shared libraries of packages need it."""
