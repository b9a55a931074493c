"""What the processes of an image need when they start, and what of that is not there. Pure."""
