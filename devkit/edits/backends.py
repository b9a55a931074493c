"""Build backends, and the ways in which projects use them: where versions, data and metadata come from.

Texts have ``@name@`` for the project's name, ``@inside@`` for the directory of its package, ``@where@`` for the one
above that, and ``@file@`` for the file that has the version; all relative to the project.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Backend:
    """A build backend, and how a project uses it."""

    name: str
    requires: str
    module: str
    version: str = ""
    """The tables that say where the version is read from; empty if it has to be in pyproject.toml."""
    version_file: str = ""
    """The file that has it."""
    always_dynamic: bool = False
    needs_src: bool = False
    tables: str = ""
    """Further tables of pyproject.toml."""
    project: str = ""
    """Text instead of all that pyproject.toml has besides the backend."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Further files."""
    read: tuple[str, ...] = ()
    """Files that are read even for an editable installation."""
    variables: tuple[str, ...] = ()
    """Variables whose value may be any version."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Variables without which it cannot be built."""
    asks_git: bool = False
    fits_root: bool = True
    """Whether it can be the backend of the whole app, with all that is in it."""


ABOUT, VERSION = "@inside@/about.py", "VERSION"
_FIND = '[tool.setuptools.packages.find]\nwhere = ["@where@"]\ninclude = ["@name@*"]\n'
_SETUPTOOLS = ("setuptools", "setuptools.build_meta")
_SETUP_CFG = (
    "[metadata]\nname = @name@\nversion = attr: @name@.about.__version__\nlong_description = file: README.md\n"
    "[options]\npackage_dir =\n    = @where@\npackages = find:\ninclude_package_data = False\n"
    "[options.packages.find]\nwhere = @where@\ninclude = @name@*\n[options.package_data]\n* = *.json\n"
    "[options.entry_points]\nconsole_scripts =\n    @name@-run = @name@:run\n"
)
_SETUP_PY = (
    "import os\nfrom pathlib import Path\nfrom setuptools import find_packages, setup\n"
    "here = Path(__file__).parent\n"
    "setup(name='@name@', version=(here / 'VERSION').read_text().strip() + os.environ.get('EDITION', ''),\n"
    "      package_dir={'': '@where@'}, packages=find_packages('@where@', include=['@name@*']),\n"
    "      include_package_data=True, description=(here / 'README.md').read_text().splitlines()[0],\n"
    "      entry_points={'console_scripts': ['@name@-run = @name@:run']})\n"
)
_PBR = (
    "[metadata]\nname = @name@\ndescription_file = README.md\n[files]\npackages = @name@\n"
    "[entry_points]\nconsole_scripts =\n    @name@-run = @name@:run\n"
)
_POETRY = (
    '[tool.poetry]\nname = "@name@"\nversion = "1.0"\ndescription = ""\nauthors = []\nreadme = "README.md"\n'
    'packages = [{ include = "@name@", from = "@where@" }]\n'
    'include = [{ path = "extra.json", format = ["sdist", "wheel"] }]\n'
    '[tool.poetry.dependencies]\npython = ">=3.11"\n[tool.poetry.scripts]\n@name@-run = "@name@:run"\n'
)

BACKENDS = (
    Backend("hatchling", "hatchling", "hatchling.build", f'[tool.hatch.version]\npath = "{ABOUT}"\n', ABOUT),
    Backend(
        *("hatchling-include", "hatchling", "hatchling.build"),
        tables='[tool.hatch.build.targets.wheel.force-include]\n"extra/more.json" = "@name@_more.json"\n',
        files={"extra/more.json": "{}\n", "LICENSE": "free\n"},
        read=("extra/more.json", "LICENSE"),
    ),
    Backend(
        *(
            "setuptools",
            *_SETUPTOOLS,
            '[tool.setuptools.dynamic]\nversion = { attr = "@name@.about.__version__" }\n',
        ),
        version_file=ABOUT,
        tables=_FIND,
    ),
    Backend(
        *("setuptools-file", *_SETUPTOOLS, '[tool.setuptools.dynamic]\nversion = { file = "VERSION" }\n', VERSION),
        tables='[tool.setuptools.package-data]\n"*" = ["*.json"]\n',
        files={"AUTHORS": "all of us\n"},
        read=("AUTHORS",),
        fits_root=False,
    ),
    Backend(
        *("setup.cfg", *_SETUPTOOLS),
        version_file=ABOUT,
        always_dynamic=True,
        project="\n",
        files={"setup.cfg": _SETUP_CFG},
        fits_root=False,
    ),
    Backend(
        *("setup.py", *_SETUPTOOLS),
        version_file=VERSION,
        always_dynamic=True,
        project="\n",
        files={"setup.py": _SETUP_PY, "MANIFEST.in": "recursive-include @where@ *.json\n"},
        variables=("EDITION",),
        fits_root=False,
    ),
    Backend("flit", "flit_core", "flit_core.buildapi", "\n", "@inside@/__init__.py"),
    Backend(
        *("pdm", "pdm-backend", "pdm.backend", f'[tool.pdm.version]\nsource = "file"\npath = "{ABOUT}"\n', ABOUT),
    ),
    Backend("poetry", "poetry-core", "poetry.core.masonry.api"),
    Backend(
        *("poetry-tables", "poetry-core", "poetry.core.masonry.api"),
        project=_POETRY,
        files={"extra.json": "{}\n"},
        fits_root=False,
    ),
    Backend("uv", "uv_build", "uv_build", needs_src=True),
    Backend(
        *("setuptools-scm", 'setuptools", "setuptools-scm', "setuptools.build_meta"),
        '[tool.setuptools_scm]\nsearch_parent_directories = true\nfallback_version = "0.1"\n'
        'version_file = "@inside@/_version.py"\n',
        always_dynamic=True,
        tables=_FIND,
        variables=("SETUPTOOLS_SCM_PRETEND_VERSION", "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_@NAME@"),
        asks_git=True,
    ),
    Backend(
        *("hatch-vcs", 'hatchling", "hatch-vcs', "hatchling.build"),
        '[tool.hatch.version]\nsource = "vcs"\nfallback-version = "0.1"\n'
        "[tool.hatch.version.raw-options]\nsearch_parent_directories = true\n"
        '[tool.hatch.build.hooks.vcs]\nversion-file = "@inside@/_version.py"\n',
        always_dynamic=True,
        variables=("SETUPTOOLS_SCM_PRETEND_VERSION",),
        asks_git=True,
    ),
    Backend(
        *("pdm-scm", "pdm-backend", "pdm.backend"),
        '[tool.pdm.version]\nsource = "scm"\nfallback_version = "0.1"\n'
        'write_to = "@name@/_version.py"\nwrite_template = "VERSION = \'{}\'"\n',
        always_dynamic=True,
        variables=("PDM_BUILD_SCM_VERSION",),
        asks_git=True,
    ),
    Backend(
        *("pbr", 'setuptools", "pbr', "pbr.build"),
        always_dynamic=True,
        project="\n",
        files={
            "setup.cfg": _PBR,
            "setup.py": "from setuptools import setup\nsetup(setup_requires=['pbr'], pbr=True)\n",
        },
        variables=("PBR_VERSION",),
        needs={"PBR_VERSION": "1.0"},
        asks_git=True,
        fits_root=False,
    ),
    Backend(
        *("poetry-dynamic-versioning", 'poetry-core", "poetry-dynamic-versioning', "poetry_dynamic_versioning.backend"),
        project=_POETRY.replace('version = "1.0"', 'version = "0.0.0"').replace("\ninclude =", "\n#")
        + '[tool.poetry-dynamic-versioning]\nenable = true\nvcs = "git"\n',
        always_dynamic=True,
        variables=("POETRY_DYNAMIC_VERSIONING_BYPASS",),
        needs={"POETRY_DYNAMIC_VERSIONING_BYPASS": "1.0"},
        asks_git=True,
        fits_root=False,
    ),
)
