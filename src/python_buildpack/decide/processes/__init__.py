"""From source to processes: what the image starts, read from the app's files without importing them."""
