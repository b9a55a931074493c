"""The tools that install packages, and those of images for development: their versions, and how they are run."""
