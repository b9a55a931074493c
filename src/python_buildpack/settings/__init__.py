"""Every setting that users and platforms may give, and how its value is read."""
