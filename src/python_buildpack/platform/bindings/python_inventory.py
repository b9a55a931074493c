"""``python-inventory``: a list of Python builds instead of the buildpack's, like BP_PYTHON_INVENTORY."""

from python_buildpack.platform.bindings.interface import Addition, BindingType, Given, Variable
from python_buildpack.settings.table import INVENTORY

_ENTRY = "inventory.toml"


def _read(given: Given) -> tuple[Addition, ...]:
    # Its content is checked when the inventory is read.
    given.require(_ENTRY)
    return (Variable(INVENTORY.name, str(given.file(_ENTRY)), "the list of Python builds"),)


PYTHON_INVENTORY = BindingType(
    "python-inventory",
    frozenset({_ENTRY}),
    _read,
    entries_meaning="`inventory.toml`",
    meaning="The list of Python builds, like `BP_PYTHON_INVENTORY`.",
)
