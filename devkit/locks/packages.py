"""A made-up world of small packages: wheels for all and for some platforms, source distributions, extras, scripts."""

import base64
import hashlib
import io
import tarfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

MARKERS = (
    'python_version >= "3.9"',
    'python_version < "3.8"',
    'sys_platform == "win32"',
    'sys_platform != "win32"',
    'platform_machine == "x86_64" or platform_machine == "aarch64"',
    'python_full_version >= "3.10.0" and implementation_name == "cpython"',
    'os_name == "nt" and python_version >= "3.11"',
    'platform_system == "Linux"',
    'platform_python_implementation == "PyPy"',
)
EXTRA = "fast"
_COUNT = 16
_OFTEN, _SELDOM = 0.4, 0.15
_TIME = 1_700_000_000
"""Of files in source distributions: wheels know no time before 1980."""


@dataclass(frozen=True, slots=True)
class Package:
    """One version of a package."""

    name: str
    version: str
    needs: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    """What its extra needs."""
    has_script: bool = False
    tags: tuple[str, ...] = ("py3-none-any",)
    has_sdist: bool = False

    @property
    def module(self) -> str:
        """The name of its module."""
        return self.name.replace("-", "_")

    def metadata(self) -> str:
        """Return its core metadata."""
        lines = [f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\nRequires-Python: >=3.8"]
        lines += [f"Requires-Dist: {need}" for need in self.needs]
        lines += [f"Provides-Extra: {EXTRA}"] if self.more else []
        lines += [f'Requires-Dist: {need}; extra == "{EXTRA}"' for need in self.more]
        return "\n".join(lines) + "\n"


@dataclass(slots=True)
class World:
    """All packages, and the indexes that have them."""

    packages: tuple[Package, ...]
    company: frozenset[str] = field(default_factory=frozenset)
    """The names that only the second index has."""

    def names(self, *, company: bool) -> tuple[str, ...]:
        """Return the names on one of the two indexes."""
        return tuple(dict.fromkeys(one.name for one in self.packages if (one.name in self.company) == company))


def random_world(random: Random) -> World:
    """Return a random world. A package needs only packages before it."""
    packages: list[Package] = []
    names: list[str] = []
    company = set[str]()
    for number in range(_COUNT):
        name = f"{random.choice(('red', 'blue', 'Big.Green', 'odd_name'))}-{number}".lower().replace("_", "-")
        name = name.replace(".", "-")
        is_company = random.random() < _SELDOM
        for version in sorted(random.sample(("1.0", "1.5.2", "2.0", "2.1.post1"), random.randint(1, 3))):
            known = [one for one in names if one not in company or is_company]
            packages.append(_package(random, name, version, known))
        names.append(name)
        if is_company:
            company.add(name)
    return World(tuple(packages), frozenset(company))


def _package(random: Random, name: str, version: str, known: list[str]) -> Package:
    count = min(len(known), random.choice((0, 0, 1, 2)))
    platform = ("cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_17_x86_64", "py3-none-win_amd64")
    tags = random.choice(
        (("py3-none-any",), ("py3-none-any",), ("py3-none-any", *platform), ("py2.py3-none-any",), platform[2:])
    )
    return Package(
        name,
        version,
        tuple(_need(random, one) for one in random.sample(known, count)),
        tuple(random.sample(known, min(len(known), 1))) if random.random() < _OFTEN else (),
        random.random() < _OFTEN,
        tags,
        tags == platform[2:] or random.random() < _SELDOM,
    )


def _need(random: Random, name: str) -> str:
    extra = f"[{EXTRA}]" if random.random() < _SELDOM else ""
    version = ">=1.0" if random.random() < _OFTEN else ""
    marker = f"; {random.choice(MARKERS)}" if random.random() < _OFTEN else ""
    return f"{name}{extra}{version}{marker}"


def write_files(world: World, folder: Path) -> None:
    """Write all files of all packages: ``<folder>/<main or company>/<name>/<file>``."""
    for package in world.packages:
        place = folder / ("company" if package.name in world.company else "main") / package.name
        place.mkdir(parents=True, exist_ok=True)
        for tag in package.tags:
            (place / f"{package.module}-{package.version}-{tag}.whl").write_bytes(wheel(package, tag))
        if package.has_sdist:
            (place / f"{package.module}-{package.version}.tar.gz").write_bytes(_sdist(package))


def wheel(package: Package, tag: str) -> bytes:
    """Return a wheel of a package; each tag has another content."""
    info = f"{package.module}-{package.version}.dist-info"
    files = {
        f"{package.module}/__init__.py": f"TAG = {tag!r}\n\ndef main() -> None:\n    print(TAG)\n",
        f"{package.module}/data/table.json": "{}\n",
        f"{info}/METADATA": package.metadata(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: made-up\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    if package.has_script:
        entry = f"{package.module}:main\n"
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\nrun-{package.name} = {entry}"
    rows = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = f"{rows}{info}/RECORD,,\n"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, text in files.items():
            entry_info = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            entry_info.external_attr = 0o644 << 16
            archive.writestr(entry_info, text)
    return stream.getvalue()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _sdist(package: Package) -> bytes:
    base = f"{package.module}-{package.version}"
    needs = ", ".join(repr(need) for need in package.needs)
    more = (
        f"[project.optional-dependencies]\n{EXTRA} = [{', '.join(map(repr, package.more))}]\n" if package.more else ""
    )
    script = f"[project.scripts]\nrun-{package.name} = '{package.module}:main'\n" if package.has_script else ""
    files = {
        "PKG-INFO": package.metadata(),
        "pyproject.toml": '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        f'[project]\nname = "{package.name}"\nversion = "{package.version}"\ndescription = "made up"\n'
        f"requires-python = '>=3.8'\ndependencies = [{needs}]\n{script}{more}",
        f"{package.module}/__init__.py": '"""Made up."""\n\ndef main() -> None: ...\n',
    }
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{base}/{path}")
            entry.size, entry.mtime = len(text.encode()), _TIME
            archive.addfile(entry, io.BytesIO(text.encode()))
    return stream.getvalue()
