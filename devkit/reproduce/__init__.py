"""``./dev reproduce``: the same input, built under other conditions, must give the same layers."""
