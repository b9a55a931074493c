"""``python-inventory``: a list of Python builds in place of the buildpack's, like BP_PYTHON_INVENTORY."""

from python_buildpack.platform.bindings.interface import Addition, BindingType, Given, InventoryFile

_ENTRY = "inventory.toml"


def _read(given: Given) -> tuple[Addition, ...]:
    # What is in it is checked where every inventory is.
    given.require(_ENTRY)
    return (InventoryFile(given.file(_ENTRY)),)


PYTHON_INVENTORY = BindingType("python-inventory", frozenset({_ENTRY}), _read)
