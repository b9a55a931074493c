"""What is measured: builds, start-up, sizes; each figure next to what it is compared with."""
