"""CPython builds: which there are, which one an app gets, and how it is put into place."""
