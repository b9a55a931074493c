"""A type of binding is one new file and one entry of a registry.

A made-up one is added to a copy of the checkout, ``./dev refresh docs`` is run there, and nothing else is changed.
"""

from pathlib import Path

import pytest

from copied_checkout import CopiedCheckout, copy_checkout
from private_network import write_binding

BINDING = '''\
"""``made-up``: the address of an oracle, and the word that opens it."""

from python_buildpack.platform.bindings.interface import Addition, BindingType, Given, Variable


def _read(given: Given) -> tuple[Addition, ...]:
    return (
        Variable("ORACLE_URL", given.require_url("url"), "the address of the oracle"),
        Variable("ORACLE_PASSWORD", given.require("password"), "the word that opens it"),
    )


MADE_UP = BindingType(
    "made-up",
    frozenset({"url", "password"}),
    _read,
    entries_meaning="`url` and `password`",
    meaning="Asks an oracle.",
)
'''
PROGRAM = """\
import sys
from pathlib import Path
from cnb.context import read_build_context
from python_buildpack.platform.bindings.interface import BindingInvalid
from python_buildpack.platform.build_environment import build_environment
from python_buildpack.ports.commands import SubprocessRunner
from python_buildpack.ports.interfaces import Command
from python_buildpack.ports.reporter import TextReporter

work = Path(sys.argv[1])
reporter = TextReporter(sys.stdout)
env = {
    "PATH": "/usr/bin:/bin",
    "PIP_CONFIG_FILE": "/dev/null",
    "CNB_BUILDPACK_DIR": sys.argv[2],
    "CNB_LAYERS_DIR": str(work / "layers"),
    "CNB_PLATFORM_DIR": str(work / "platform"),
    "CNB_BP_PLAN_PATH": str(work / "plan.toml"),
    "CNB_TARGET_OS": "linux",
    "CNB_TARGET_ARCH": "amd64",
}
try:
    with build_environment(read_build_context(env, [], work / "app"), reporter) as (context, _):
        shown = ("sh", "-c", "echo $ORACLE_URL $ORACLE_PASSWORD $(echo $ORACLE_PASSWORD | wc -c)")
        SubprocessRunner(reporter.output).run(Command(shown, context.env))
except BindingInvalid as error:
    reporter.failure(error)
"""
"""What a build does with bindings, around a command that is run as all others are."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> CopiedCheckout:
    """Return a copy of the checkout with the newcomer, refreshed."""
    copy = copy_checkout(tmp_path_factory.mktemp("newcomers") / "checkout")
    folder = "src/python_buildpack/platform/bindings"
    (copy.root / folder / "made_up.py").write_text(BINDING, encoding="utf-8")
    imported = "from python_buildpack.platform.bindings.made_up import MADE_UP"
    copy.add_to_registry(f"{folder}/registry.py", "BINDING_TYPES: tuple[BindingType, ...] = (", imported, "MADE_UP")
    copy.run("-m", "devkit", "refresh", "docs")
    return copy


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return the directories of a build, in which a binding of the new type is given."""
    for name in ("app", "layers"):
        (tmp_path / name).mkdir()
    (tmp_path / "plan.toml").touch()
    bindings = tmp_path / "platform" / "bindings"
    write_binding(bindings, "delphi", "made-up", url="https://oracle.company", password="p4-value")  # noqa: S106
    return tmp_path


def test_it_is_shown_and_reaches_commands(checkout: CopiedCheckout, work: Path) -> None:
    """The log says what it adds; a command has its variables, and what is secret by its name is hidden."""
    log = checkout.run("-c", PROGRAM, str(work), str(checkout.root))
    assert log.splitlines() == [
        "",
        "[Service bindings]",
        "  binding delphi, made-up: the address of the oracle, the word that opens it",
        "    https://oracle.company **** 9",
    ]


def test_a_wrong_one_is_refused(checkout: CopiedCheckout, work: Path) -> None:
    """With the error of all others, which names the binding and the entry."""
    (work / "platform" / "bindings" / "delphi" / "url").write_text("oracle", encoding="utf-8")
    log = checkout.run("-c", PROGRAM, str(work), str(checkout.root))
    assert "error: binding-invalid" in log
    assert "The binding delphi is of type made-up, but its entry url is not a URL" in log


def test_it_is_listed_in_the_docs(checkout: CopiedCheckout) -> None:
    """docs/private-networks.md has it where it stands in the registry."""
    text = (checkout.root / "docs" / "private-networks.md").read_text(encoding="utf-8")
    assert "|---|---|---|\n| `made-up` | `url` and `password` | Asks an oracle. |\n| `pypi` |" in text
