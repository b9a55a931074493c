"""Service bindings that the build understands: a file for each type, what they add, and one place that applies it."""
