"""pyproject.toml of an app whose packages come from its company's index, as each tool has it: ``needs`` and ``url``."""

POETRY = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = [{needs}]

[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "company"
url = "{url}"
"""
UV = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = [{needs}]

[[tool.uv.index]]
name = "company"
url = "{url}"
default = true
"""
PDM = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = [{needs}]

[tool.pdm]
distribution = false

[[tool.pdm.source]]
name = "pypi"
url = "{url}"
"""
