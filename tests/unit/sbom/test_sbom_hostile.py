"""Whatever is in the metadata of packages, in locks and in settings: no traceback, and documents that are valid."""

import json
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from python_buildpack.app.project import Project
from python_buildpack.decide.labels import decide_labels
from python_buildpack.decide.recipe import ManagerChoice, PythonChoice, Recipe
from python_buildpack.installed.dist_info import parse_direct_url
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.sbom.bill import Bill
from python_buildpack.sbom.distributions import read_distributions
from python_buildpack.sbom.formats import FORMATS
from python_buildpack.sbom.locks import parse_lock
from python_buildpack.sbom.origins import parse_origin, public_url
from python_buildpack.sbom.packages import describe_distributions
from python_buildpack.settings.table import OCI_LABELS
from python_buildpack.settings.values import Settings

anything = st.text(st.characters(exclude_categories=()), max_size=60)
values = st.recursive(st.none() | st.integers() | anything, lambda inner: st.dictionaries(anything, inner, max_size=3))
origins = st.fixed_dictionaries(
    {"url": values | st.sampled_from(["https://a@b:1/c", "file:///x", "https://[::1", "git@h:p"])},
    optional={
        "vcs_info": st.fixed_dictionaries({"vcs": values, "commit_id": values}),
        "archive_info": st.fixed_dictionaries({}, optional={"hash": values, "hashes": values}),
        "dir_info": values,
    },
)


@given(origins.map(json.dumps) | anything)
@settings(deadline=None)
def test_any_direct_url(text: str) -> None:
    """An origin comes out, and its address can be written."""
    json.dumps(str(parse_origin(parse_direct_url(text.encode("utf-8", "surrogatepass"))))).encode()


def test_deep_nesting_is_no_way_to_stop_a_build(tmp_path: Path) -> None:
    """Documents and markers nested beyond the interpreter's patience say nothing."""
    deep = "[" * 100_000
    info = tmp_path / "deep-1.dist-info"
    info.mkdir()
    marker = "(" * 5000 + "os_name == 'posix'" + ")" * 5000
    (info / "METADATA").write_text(f"Name: deep\nVersion: 1\nRequires-Dist: a; {marker}\n", encoding="utf-8")
    (info / "direct_url.json").write_text(deep, encoding="utf-8")
    (info / "RECORD").write_text(f'a,sha256=x,1\n"{"b" * 200_000}",sha256=y,1\n', encoding="utf-8")
    (found,) = read_distributions(tmp_path)
    assert found.content_sha256 is None
    (part,) = describe_distributions([found], Version("3.13.0"), "amd64", parse_lock(""))
    assert (part.purl, part.depends_on) == ("pkg:pypi/deep@1", ())


fields = st.sampled_from(
    ["Name", "Version", "License", "License-Expression", "Requires-Dist", "Provides-Extra", "", "x"]
)
lines = st.tuples(fields, st.sampled_from([": ", ":", "\n ", ""]), anything).map("".join)


@given(st.lists(lines, max_size=8).map("\n".join), anything, anything)
@settings(deadline=None)
def test_any_metadata(tmp_path_factory: object, metadata: str, record: str, wheel: str) -> None:
    """Documents come out, and they are UTF-8."""
    folder = tmp_path_factory.mktemp("site")  # type: ignore[attr-defined] # hypothesis hides the fixture's type
    info = folder / "x-1.dist-info"
    info.mkdir()
    files = {"METADATA": f"Name: x\nVersion: 1\n{metadata}", "RECORD": record, "WHEEL": f"Tag: {wheel}"}
    for name, text in files.items():
        (info / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    components = describe_distributions(read_distributions(folder), Version("3.13.0"), "amd64", parse_lock(record))
    bill = Bill.of("dependencies", "0.1.0", components)
    for _, write in FORMATS:
        json.loads(write(bill).decode("utf-8"))


@given(anything)
@settings(deadline=None)
def test_any_address(url: str) -> None:
    """What is let through has nothing before the host and nothing after the path."""
    address = public_url(url)
    assert address is None or not set("@?#") & set(address.split("/", 3)[2])


def test_a_lock_of_one_long_line_is_read_quickly() -> None:
    """Four megabytes of what the search looks for, in seconds of processor time."""
    start = time.process_time()
    parse_lock("a" * 4_000_000)
    parse_lock('a.whl"' * 100_000)
    assert time.process_time() - start < 5


@given(st.dictionaries(st.sampled_from(sorted(OCI_LABELS)), anything), anything)
@settings(deadline=None)
def test_any_setting_makes_a_label_that_can_be_written(given_: dict[str, str], pyproject: str) -> None:
    """On one line, in UTF-8."""
    python = PythonChoice(
        Interpreter(Version("3.13.2"), "1", "linux", "amd64", "gnu", "default", "", ""), "", "declared"
    )
    env = {OCI_LABELS[name].name: value for name, value in given_.items()}
    project = Project(Path("/app"), texts={"pyproject.toml": pyproject})
    recipe = Recipe(python, ManagerChoice("uv", "", None))
    for label in decide_labels(project, Settings(env), recipe, InstalledDistributions({})):
        assert label.value.encode()
        assert label.value.isprintable()
