"""The command line of ``./dev package``: what can be asked for together."""

import argparse

import pytest

from devkit.errors import DevkitError
from devkit.packaging.offline import TOOLS, Offline
from devkit.verbs.package import add_arguments, offline_of
from python_buildpack.tools.pinned import PIP, POETRY


def parsed(*argv: str) -> argparse.Namespace:
    """Return the arguments as the command reads them."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(argv)


def test_offline_takes_several_pythons_and_tools() -> None:
    """Both options repeat; pip is always among the tools, each once; without --offline it is the usual package."""
    asked = offline_of(parsed("--offline", "--python", "3.13", "--python", "3.12", "--tool", "poetry"))
    assert asked == Offline(("3.13", "3.12"), ("poetry",))
    assert Offline(tools=("poetry", "poetry")).pinned_tools == (PIP, POETRY)
    assert offline_of(parsed()) is None


@pytest.mark.parametrize("argv", [("--python", "3.13"), ("--tool", "pdm")])
def test_what_to_include_is_refused_without_offline(argv: tuple[str, ...]) -> None:
    """Else somebody would carry a package into a closed network that lacks what it was to have."""
    with pytest.raises(DevkitError, match="--offline"):
        offline_of(parsed(*argv))


def test_an_unknown_tool_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The choices are named."""
    with pytest.raises(SystemExit):
        parsed("--offline", "--tool", "conda")
    output = capsys.readouterr().err
    assert all(name in output for name in TOOLS)
