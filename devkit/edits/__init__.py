"""A property of rebuilds: after any edit, the image is what a clean build of the same source gives."""
