"""Archives with the layout of python-build-standalone's, of this machine's Pythons, with an inventory beside them.

For tests, and for builds where upstream cannot be reached. The archives run on machines with this machine's glibc or
a newer one, which upstream's do not ask for, and their interpreters are as fast as this machine's are.
"""

from devkit.mirror.genuine import add_genuine
from devkit.mirror.make import Mirror, Mirrored, make_mirror
from devkit.mirror.prefixes import Prefix, discover_prefixes

__all__ = ["Mirror", "Mirrored", "Prefix", "add_genuine", "discover_prefixes", "make_mirror"]
