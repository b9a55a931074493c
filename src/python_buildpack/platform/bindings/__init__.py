"""Service bindings that the build understands: one file for each type, and one module that applies what they add."""
