"""What images for development have besides, on request: live reload and a debugger."""
