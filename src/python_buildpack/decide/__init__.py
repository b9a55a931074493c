"""From what was read to what will be done; pure."""
