"""Translates what Conda's and pixi's files declare into requirements, as a proposal for the user. Pure.

Formats: environment.yml (https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html),
match specifications (https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html), pixi.toml
(https://pixi.sh/latest/reference/pixi_manifest). Of YAML, only the lists are read that environment files have. Most
names are the same on the Python package index; for those that are not, Conda's files say nothing, so the list needs a
reader.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from packaging.specifiers import SpecifierSet

from cnb.frozen import frozen
from python_buildpack.app.documents import subtable

_ITEM = re.compile(r"(?P<indent>\s*)-\s+(?P<value>.+)")
_SPEC = re.compile(r"(?:[^\s:]+::)?(?P<name>[A-Za-z0-9_][\w.-]*)\s*(?P<version>[^\[]*)")
_NAMES = {
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python-headless",
    "psycopg2": "psycopg2-binary",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "pytables": "tables",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "tensorflow-cpu": "tensorflow",
}
"""Conda's name → the name on the Python package index, where they differ."""
_NOT_PYTHON = re.compile(
    r"_.*|r-.*|cuda.*|cudnn|nccl|mkl|gcc.*|gxx.*|clang.*|gfortran.*|compilers|c-compiler|cxx-compiler|make|nodejs|yarn|git"
    r"|ffmpeg|gdal|graphviz|openssl|ca-certificates|sqlite|zlib|openjdk|pandoc|postgresql|redis-server|mamba|conda"
)
"""Conda's packages of programs and libraries: those on the index that are called the same are something else."""


@frozen
class Proposal:
    """What a file declares, in the notation of pip."""

    requirements: tuple[str, ...] = ()
    """Lines for a requirements.txt."""
    python: str = ""
    """A line for .python-version, or empty."""
    others: tuple[str, ...] = ()
    """Names that are no Python packages."""

    @property
    def text(self) -> str:
        """Return the advice, with the lines to write; empty if nothing was found."""
        if not self.requirements:
            return ""
        version = f" and, in .python-version, the line {self.python}" if self.python else ""
        others = (
            f"\nNo Python packages, so an apt buildpack's business: {', '.join(self.others)}." if self.others else ""
        )
        lines = "\n".join(f"  {line}" for line in self.requirements)
        return (
            f"Write this into a requirements.txt{version}, and look up each name on the index (a few packages are "
            f"called otherwise there, or have their libraries in the wheel):\n{lines}{others}"
        )


def propose_from_yaml(text: str) -> Proposal:
    """Return the proposal for the text of an environment.yml."""
    found = tuple(_dependencies(text.splitlines()))
    return _proposal((_parts(value) for is_pip, value in found if not is_pip), [v for is_pip, v in found if is_pip])


def propose_from_pixi(document: dict[str, object]) -> Proposal:
    """Return the proposal for a pixi.toml."""
    tables = (subtable(document, "dependencies"), subtable(document, "target", "linux-64", "dependencies"))
    conda = ((name, _version_in(value)) for table in tables for name, value in table.items())
    return _proposal(conda, list(_from_index(subtable(document, "pypi-dependencies"))))


def _dependencies(lines: list[str]) -> Iterator[tuple[bool, str]]:
    """Yield the items of ``dependencies``, each with whether it is pip's."""
    begin = next((number for number, line in enumerate(lines) if re.match(r"dependencies\s*:", line)), None)
    if begin is None:
        return
    yield from ((False, value) for value in _in_brackets(lines[begin].partition(":")[2]))
    indent_of_pip: int | None = None
    for line in lines[begin + 1 :]:
        if line[:1].strip() and line[0] not in "-#":
            return
        match = _ITEM.match(line)
        if match is None:
            continue
        indent, value = len(match["indent"]), _plain(match["value"])
        if value.startswith("pip:"):
            indent_of_pip = indent
            yield from ((True, each) for each in _in_brackets(value.partition(":")[2]))
        elif value:
            yield indent_of_pip is not None and indent > indent_of_pip, value


def _in_brackets(text: str) -> Iterator[str]:
    """Yield the items of a list in one line."""
    inner = re.search(r"\[(?P<items>.*)\]", text)
    if inner:
        yield from (value for item in inner["items"].split(",") if (value := _plain(item)))


def _plain(text: str) -> str:
    return re.sub(r"\s+#.*", "", f" {text}").strip().strip("'\"").strip()


def _parts(spec: str) -> tuple[str, str]:
    match = _SPEC.match(spec)
    return (match["name"], match["version"].strip()) if match else ("", "")


def _proposal(conda: Iterable[tuple[str, str]], pip: list[str]) -> Proposal:
    requirements, others, python = [], [], ""
    for name, version in conda:
        if name.lower() == "python":
            python = re.sub(r"^[=~^]+|=.*|\.?\*$", "", version) if version[:1] not in "<>!" else ""
        elif name and _NOT_PYTHON.fullmatch(name.lower()):
            others.append(name)
        elif name and name.lower() != "pip":
            requirements.append(f"{_NAMES.get(name.lower(), name)}{_specifier(version)}")
    return Proposal((*requirements, *pip), python, tuple(others))


def _specifier(version: str) -> str:
    """Return Conda's ``=1.26``, ``==1.26.4=build``, ``>=1,<2``, ``1.26.*`` in the notation of PEP 440; or nothing."""
    text = version.replace(" ", "")
    if text.startswith("=") and not text.startswith("=="):
        number, build, _ = text[1:].partition("=")
        text = f"=={number}" if build or number.endswith("*") else f"=={number}.*"
    elif text[:1].isdigit():
        text = f"=={text.partition('=')[0]}"
    text = re.sub(r"(?<=\d)=(?!=).*", "", text)
    text = re.sub(r"([<>]=?[\d.]+)\.\*", r"\1", text)
    try:
        return str(text) if SpecifierSet(text) else ""
    except ValueError:
        return ""


def _version_in(value: object) -> str:
    found = value.get("version", "") if isinstance(value, Mapping) else value
    return "" if not isinstance(found, str) or found == "*" else found


def _from_index(table: Mapping[str, object]) -> Iterator[str]:
    for name, value in table.items():
        given = value if isinstance(value, Mapping) else {}
        extras = given.get("extras")
        wanted = f"{name}[{','.join(map(str, extras))}]" if isinstance(extras, list) else name
        origin = given.get("git") or given.get("url")
        if isinstance(origin, str):
            yield f"{wanted} @ {'git+' if 'git' in given else ''}{origin}"
        elif isinstance(given.get("path"), str):
            yield f"{'-e ' if given.get('editable') else ''}{given['path']}"
        else:
            yield f"{wanted}{_specifier(_version_in(value))}"
