"""Heroku's hooks, which an app may have: programs that are run during the build (docs/hooks.md)."""

PRE_COMPILE = "bin/pre_compile"
"""Is run before the installation."""
POST_COMPILE = "bin/post_compile"
"""Is run after it."""
HOOKS = (PRE_COMPILE, POST_COMPILE)
