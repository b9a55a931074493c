"""All types of bindings that add something to the build."""

from python_buildpack.bindings.ca_certificates import CA_CERTIFICATES
from python_buildpack.bindings.dependency_mapping import DEPENDENCY_MAPPING
from python_buildpack.bindings.dependency_mirror import DEPENDENCY_MIRROR
from python_buildpack.bindings.git_credentials import GIT_CREDENTIALS
from python_buildpack.bindings.interface import BindingType
from python_buildpack.bindings.netrc import NETRC
from python_buildpack.bindings.pip_config import PIP_CONFIG
from python_buildpack.bindings.pypi import PYPI
from python_buildpack.bindings.python_inventory import PYTHON_INVENTORY

BINDING_TYPES: tuple[BindingType, ...] = (
    PYPI,
    PIP_CONFIG,
    NETRC,
    CA_CERTIFICATES,
    GIT_CREDENTIALS,
    DEPENDENCY_MAPPING,
    DEPENDENCY_MIRROR,
    PYTHON_INVENTORY,
)
