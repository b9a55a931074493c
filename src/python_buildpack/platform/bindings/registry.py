"""All types of bindings that add something to the build. A new one is a module beside this one and an entry here."""

from python_buildpack.platform.bindings import (
    ca_certificates,
    dependency_mapping,
    dependency_mirror,
    git_credentials,
    git_ssh,
    netrc,
    pip_config,
    pypi,
    python_inventory,
)
from python_buildpack.platform.bindings.interface import BindingType

BINDING_TYPES: tuple[BindingType, ...] = (
    pypi.PYPI,
    pip_config.PIP_CONFIG,
    netrc.NETRC,
    ca_certificates.CA_CERTIFICATES,
    git_credentials.GIT_CREDENTIALS,
    git_ssh.GIT_SSH,
    dependency_mapping.DEPENDENCY_MAPPING,
    dependency_mirror.DEPENDENCY_MIRROR,
    python_inventory.PYTHON_INVENTORY,
)
