"""Apps frozen in time: pinned dependencies, no Python declared. The pins say which Python they still run on."""
