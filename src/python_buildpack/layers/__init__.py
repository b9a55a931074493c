"""The layers of the image and of the cache, a file or a folder for each."""
