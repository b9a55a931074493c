"""The ``runtime`` layer: what processes start with."""
