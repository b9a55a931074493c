"""The content of a site-packages directory: reads it, checks it, and removes what an image does not need."""
