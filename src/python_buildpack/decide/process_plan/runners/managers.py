"""Package managers that start programs in the app's environment, and the tables of scripts that some of them read.

What they do is in their documentation: uv (https://docs.astral.sh/uv/reference/cli/#uv-run), Poetry
(https://python-poetry.org/docs/cli/#run), PDM (https://pdm-project.org/latest/usage/scripts/), Pipenv
(https://pipenv.pypa.io/en/latest/scripts.html), Hatch (https://hatch.pypa.io/latest/config/environment/overview/), Rye
(https://rye.astral.sh/guide/pyproject/#toolryescripts).
"""

from collections.abc import Iterator
from typing import Any

from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml, table
from python_buildpack.app.project import Project
from python_buildpack.decide.process_plan.runners.interface import Runner, Tasks
from python_buildpack.decide.process_plan.runners.task_text import SERIES


def _pdm(project: Project) -> Tasks | None:
    scripts = dict(pyproject_table(project, "tool", "pdm", "scripts"))
    # "_" has options that go for all scripts.
    shared = scripts.pop("_", {})
    is_certain = isinstance(shared, dict) and shared.keys() <= {"env"}
    if is_certain and shared:
        scripts = {name: _with_variables(value, shared["env"]) for name, value in scripts.items()}
    return Tasks(f"[tool.pdm.scripts] in {PYPROJECT}", scripts, hooks=("pre_", "post_"), is_certain=is_certain)


def _with_variables(script: Any, shared: Any) -> Any:  # noqa: ANN401 - values of TOML
    """Return a script of PDM with variables that go for all; the scripts of a series have them themselves."""
    if isinstance(script, str):
        return {"cmd": script, "env": shared}
    if not isinstance(script, dict) or SERIES & script.keys() or not isinstance(shared, dict):
        return script
    own = script.get("env", {})
    return {**script, "env": {**shared, **own} if isinstance(own, dict) else own}


def _pipenv(project: Project) -> Tasks | None:
    return Tasks("[scripts] in Pipfile", table(read_toml(project, "Pipfile") or {}, "Pipfile", "scripts"))


def _rye(project: Project) -> Tasks | None:
    return Tasks(f"[tool.rye.scripts] in {PYPROJECT}", pyproject_table(project, "tool", "rye", "scripts"))


def _hatch(project: Project) -> Tasks | None:
    environments = dict(_environments(project))
    scripts: dict[str, Any] = {}
    for name, environment in environments.items():
        own = environment.get("scripts", {})
        # What an environment sets besides is not in the image: such a script is only known by its name.
        changed = "env-vars" in environment
        scripts.update({f"{name}:{script}": {"": ""} if changed else value for script, value in own.items()})
    scripts.update({name.removeprefix("default:"): value for name, value in scripts.items() if name[:8] == "default:"})
    return Tasks(f"the scripts of [tool.hatch.envs] in {PYPROJECT}", scripts, in_shell=True)


def _environments(project: Project) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, keys in ((PYPROJECT, ("tool", "hatch", "envs")), ("hatch.toml", ("envs",))):
        document = read_toml(project, path) or {}
        for name in table(document, path, *keys):
            table(document, path, *keys, name, "scripts")
            yield name, table(document, path, *keys, name)


_UV_VALUED = frozenset({
    "--extra", "--no-extra", "--group", "--no-group", "--only-group", "--env-file", "--python", "-p", "--package",
    "--project", "--with-editable", "--with-requirements", "--index", "--default-index", "--index-url", "-i",
    "--extra-index-url", "--find-links", "-f", "--upgrade-package", "-P", "--reinstall-package", "--link-mode",
    "--resolution", "--prerelease", "--config-setting", "-C", "--no-binary-package", "--no-build-package",
    "--refresh-package", "--exclude-newer", "--config-file", "--cache-dir", "--color", "--index-strategy",
    "--keyring-provider", "--python-platform", "--constraints", "-c", "--overrides",
})  # fmt: skip

UV = Runner(
    "uv",
    valued=_UV_VALUED,
    moves=frozenset({"--directory"}),
    adds=frozenset({"--with", "-w"}),
    module=frozenset({"-m", "--module"}),
    script=frozenset({"-s", "--script"}),
    runs_files=True,
)
UV_TOOL = Runner(
    "uv",
    verbs=(("tool", "run"),),
    valued=_UV_VALUED,
    moves=UV.moves,
    adds=UV.adds,
    source="--from",
    is_installing=True,
)
UVX = Runner(
    "uvx", "uv", ((),), _UV_VALUED, moves=UV.moves, adds=UV.adds, source="--from", is_installing=True
)  # fmt: skip
PIPX = Runner(
    "pipx",
    valued=frozenset({"--python", "--index-url", "-i", "--pip-args"}),
    adds=frozenset({"--with"}),
    source="--spec",
    is_installing=True,
)
POETRY = Runner(
    "poetry", valued=frozenset({"--project", "-P"}), moves=frozenset({"--directory", "-C"})
)  # fmt: skip
PDM = Runner(
    "pdm",
    # A script can be called like a command of PDM's own.
    verbs=(("run",), ()),
    valued=frozenset({"--venv", "--config", "-c"}),
    moves=frozenset({"--project", "-p"}),
    runs_files=True,
    tasks=_pdm,
)
PIPENV = Runner(
    "pipenv", valued=frozenset({"--python", "--pypi-mirror", "--categories"}), reads=(".env",), tasks=_pipenv
)  # fmt: skip
HATCH = Runner(
    "hatch", valued=frozenset({"--env", "-e", "--data-dir", "--cache-dir", "--config"}), tasks=_hatch,
    moves=frozenset({"--project", "-p"}), environment=frozenset({"--env", "-e"}),
)  # fmt: skip
RYE = Runner("rye", valued=frozenset({"--pyproject"}), tasks=_rye)
