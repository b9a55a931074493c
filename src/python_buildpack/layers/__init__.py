"""The layers of the image and of the cache: one file or folder for each."""
