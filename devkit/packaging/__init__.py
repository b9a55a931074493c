"""From the checkout to what is shipped: a directory, and the .cnb file that is the same."""
