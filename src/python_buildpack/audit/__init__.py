"""Known vulnerabilities of what is installed, asked of OSV's API or a mirror of it, if a setting asks for that."""
