"""What is in a virtual environment, and which parts of it get layers of their own."""
