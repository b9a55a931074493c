"""How managers run their tools: on the workbench, in the app's directory, failures explained."""

from cnb.layers import Layers
from python_buildpack.managers.interface import Workbench
from python_buildpack.managers.uv_failures import explain
from python_buildpack.ports import Command, Finished
from python_buildpack.tools.pinned import ToolShop


def tool_shop(bench: Workbench) -> ToolShop:
    """Return the place where Poetry, Pipenv and PDM are installed and run in this build."""
    return ToolShop(bench.layers or Layers(bench.scratch), bench.uv, bench.runner, bench.env)


def run_uv(bench: Workbench, argv: tuple[str, ...], env: dict[str, str] | None = None, *, show: bool) -> Finished:
    """Run uv in the app's directory; ``env`` adds to its environment."""
    whole = {**bench.uv.environment(bench.env), **(env or {})}
    return bench.runner.run(Command((str(bench.uv.executable()), *argv), whole, cwd=bench.project.root, show=show))


def compile_with_uv(bench: Workbench, argv: tuple[str, ...], file: str, env: dict[str, str] | None = None) -> str:
    """Return the versions that ``uv pip compile`` finds for the app's Python, which need not be on disk.

    ``file`` is the declaration that errors name. Raises the errors of uv_failures, the output shown before.
    """
    output = bench.scratch / "resolution.txt"
    whole = (
        *("pip", "compile", *argv, "--quiet", "--no-header", "--no-annotate"),
        *("--python", str(bench.uv.python), "--python-version", bench.python_version),
        *("--output-file", str(output)),
    )
    # What another attempt left there would count as a preference for its versions.
    output.unlink(missing_ok=True)
    finished = run_uv(bench, whole, env, show=False)
    if finished.status != 0:
        for line in finished.output.splitlines():
            bench.reporter.output(line)
        raise explain(finished, file)
    return output.read_text(encoding="utf-8")
