"""What is in a site-packages directory: it is read, looked over, and made fit for an image."""
