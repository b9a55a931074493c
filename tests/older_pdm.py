"""A project that PDM 2.12 locked, by rules that newer releases do not have."""

PROJECT = """
[project]
name = "shop"
version = "1"
requires-python = ">=3.10"
dependencies = ["itsdangerous==2.1.2"]
[tool.pdm]
distribution = false
[tool.pdm.dev-dependencies]
test = ["iniconfig"]
[tool.pdm.resolution.overrides]
markupsafe = "2.1.5"
"""
LOCK = """
[metadata]
groups = ["default", "test"]
strategy = ["cross_platform", "inherit_metadata"]
lock_version = "4.4.1"
content_hash = "sha256:a0524c1b253c72ad4780fd6cb1a50e4a83fb001522d7e5b32476f0c6fa7eaaa3"
"""
"""As ``pdm lock`` of PDM 2.12.4 wrote it for PROJECT, without the packages."""
