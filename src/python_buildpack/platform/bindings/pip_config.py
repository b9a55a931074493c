"""``pip-config``: a pip.conf, obeyed by whichever tool installs."""

import configparser

from python_buildpack.platform.bindings.interface import Addition, BindingType, Given, PipConfig

_ENTRY = "pip.conf"


def _read(given: Given) -> tuple[Addition, ...]:
    text = given.require(_ENTRY)
    try:
        configparser.RawConfigParser(strict=False).read_string(text)
    except configparser.Error as error:
        # What the parser says quotes the line.
        raise given.invalid(_ENTRY, "is not a configuration file of pip") from error
    return (PipConfig(given.file(_ENTRY), text),)


PIP_CONFIG = BindingType("pip-config", frozenset({_ENTRY}), _read)
