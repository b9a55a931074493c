"""The tools that install: where they come from and how they are called. None of them reaches the image."""
