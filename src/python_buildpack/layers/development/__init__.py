"""What is added to images for development, on request: live reload and a debugger."""
