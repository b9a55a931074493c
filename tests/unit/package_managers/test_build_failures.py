"""What is said of a source that cannot be built, from the words of each tool."""

import pytest

from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.ports.interfaces import Finished


@pytest.mark.parametrize("tool", ["uv", "pip", "poetry", "pdm"])
@pytest.mark.parametrize(
    "words",
    [
        "ModuleNotFoundError: No module named 'pkg_resources'",
        "ImportError: cannot import name 'convert_path' from 'setuptools' (/x/setuptools/__init__.py)",
        "error in old setup command: use_2to3 is invalid.",
    ],
)
def test_a_setup_script_for_an_older_setuptools_is_told_from_a_missing_compiler(tool: str, words: str) -> None:
    """Where the tool offers no other setuptools, or another one does not help either, the reason is named."""
    error = explain(Finished(1, f"Building wheel for old (1.0)\n{words}\n"), "the.lock", tool)
    assert error.code == "package-build-failed"
    assert "older setuptools" in error.what


@pytest.mark.parametrize(
    ("words", "package"),
    [
        ("Command 'pkg-config --exists mysqlclient' returned non-zero exit status 1.", "default-libmysqlclient-dev"),
        ('../cairo/meson.build:31:12: ERROR: Dependency "cairo" not found (tried pkg-config and cmake)', "libcairo2"),
        ("Package libxml-2.0 was not found in the pkg-config search path.", "libxml2-dev"),
        ("Package 'libavformat', required by 'virtual:world', not found", "libavdevice-dev"),
        ("No package 'girepository-2.0' found", "libgirepository-2.0-dev"),
        ("Package 'libnobody-3', required by 'virtual:world', not found", "does not find libnobody-3"),
    ],
)
def test_a_library_that_pkg_config_does_not_find_is_named(words: str, package: str) -> None:
    """As pkg-config, meson and setup scripts say it, with the Debian package where it is known."""
    error = explain(Finished(1, f"error: Failed to build `old==1.0`\n{words}\n"), "requirements.txt")
    assert error.code == "header-missing"
    assert error.what.startswith("old==1.0 in requirements.txt")
    assert package in error.what


PIP_BUILDS = """  Building wheel for fine (pyproject.toml): started
  Building wheel for fine (pyproject.toml): finished with status 'done'
  Building wheel for old (setup.py): started
  Building wheel for old (setup.py): finished with status 'error'
"""


@pytest.mark.parametrize(
    ("tool", "words", "package"),
    [
        ("uv", "error: Failed to build `old==1.0`\n  cause: The build backend returned an error\n", "old==1.0"),
        ("pip", f"{PIP_BUILDS}  ERROR: Failed building wheel for old\n", "old"),
        ("poetry", "ChefBuildError\n\nNote: This error originates from the build backend, and is likely not a problem "
         "with poetry but one of the following issues with old (1.0)\n", "old"),
        ("pdm", "  ✖ Install old 1.0 failed\npdm.exceptions.BuildError: Build backend raised error\n", "old"),
    ],
)  # fmt: skip
def test_what_cannot_be_built_is_named_whatever_the_reason(tool: str, words: str, package: str) -> None:
    """Its name in the output of each tool is among hundreds of lines; pip names those that it could build, too."""
    error = explain(Finished(1, words), "the.lock", tool)
    assert error.code == "package-build-failed"
    assert error.what.startswith(f"{package}, for the.lock, had to be built")


@pytest.mark.parametrize(
    "words",
    [
        "a.c:685:18: error: invalid use of incomplete typedef\nerror: command '/usr/bin/gcc' failed with exit code 1",
        "a.c:1:2: error: too few arguments\nerror: command 'x86_64-linux-gnu-gcc' failed with exit status 1",
        "FAILED: a.cpp.o\nninja: build stopped: subcommand failed.",
        "error: could not compile `orjson` (lib) due to 3 previous errors",
    ],
)
def test_a_source_that_the_compiler_refuses_is_no_missing_compiler(words: str) -> None:
    """A compiler was there and ran: another build image would not help."""
    error = explain(Finished(1, f"error: Failed to build `old==1.0`\n{words}\n"), "requirements.txt")
    assert error.what.startswith("old==1.0 in requirements.txt")
    assert "the compiler refuses its source" in error.what
    assert "build image" not in error.cure


def test_a_library_that_the_linker_lacks_is_named() -> None:
    """The headers are there, the library is not: its name is in the linker's message."""
    words = "/usr/bin/ld: cannot find -lpq: No such file\nerror: command 'gcc' failed with exit code 1"
    error = explain(Finished(1, f"error: Failed to build `old==1.0`\n{words}\n"), "requirements.txt")
    assert error.code == "header-missing"
    assert "the linker does not find the library libpq" in error.what


def test_a_pipfile_that_a_new_pipenv_refuses_is_explained() -> None:
    """Old ones let [[source]] be without a name; a new one ends with a traceback."""
    words = "pipenv.vendor.plette.models.base.DataValidationError: Missing required field: name"
    error = explain(Finished(1, f"Traceback (most recent call last):\n{words}\n"), "Pipfile.lock", "pipenv")
    assert error.code == "project-file-invalid"
    assert error.what.startswith("Pipfile has a table, such as [[source]], without name")


@pytest.mark.parametrize(
    ("words", "begin"),
    [
        ("error: Failed to download and build `fields @ git+https://host/fields.git`\n  cause: Git operation failed\n"
         "fatal: unable to access 'https://host/fields.git/': Could not resolve host: host", "fields in requirements"),
        ("Collecting ok@ git+https://host/ok.git\nCollecting fields@ git+https://host/fields.git\n"
         "fatal: could not read Username for 'https://host': terminal prompts disabled", "fields in requirements.txt"),
        ("fatal: unable to access 'https://host/f.git/': Could not resolve host: host", "A dependency in requirements"),
    ],
)  # fmt: skip
def test_what_git_cannot_fetch_is_named(words: str, begin: str) -> None:
    """The last requirement from a repository that the output names is the one at which the tool ended."""
    error = explain(Finished(1, words), "requirements.txt")
    assert error.code in {"git-failed", "git-access-denied"}
    assert error.what.startswith(begin)


def test_the_variant_that_a_failed_build_recommends_comes_first() -> None:
    """psycopg2's own words; a name that does not begin with the package's could be anybody's."""
    output = (
        "error: Failed to build `psycopg2==2.9.10`\n  cause: The build backend returned an error\n"
        "         Error: pg_config executable not found.\n"
        "         If you prefer to avoid building psycopg2 from source, please install the PyPI\n"
        "         '{0}' package instead.\n"
    )
    named = explain(Finished(1, output.format("psycopg2-binary")), "requirements.txt")
    assert named.code == "header-missing"
    assert named.cure.startswith("Require psycopg2-binary in place of psycopg2: ")
    assert "libpq-dev" in named.cure
    assert "evil" not in explain(Finished(1, output.format("evil-binary")), "requirements.txt").cure
