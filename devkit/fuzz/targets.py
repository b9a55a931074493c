"""The table of all that is fuzzed: used by the test and by ``python -m devkit.fuzz``."""

from devkit.fuzz.app_files import app_targets
from devkit.fuzz.installed_files import installed_targets
from devkit.fuzz.platform_files import platform_targets
from devkit.fuzz.target import Target

TARGETS: tuple[Target, ...] = (*app_targets(), *platform_targets(), *installed_targets())
