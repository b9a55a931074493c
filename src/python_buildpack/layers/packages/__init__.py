"""What a virtual environment contains, and which distributions in it get layers of their own."""
