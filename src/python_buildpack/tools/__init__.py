"""The tools that install packages: where they are and how they are run. None of them is in the image."""
