"""Random projects of Poetry, PDM and Pipenv on a made-up world of packages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from devkit.edits.libraries import Library, random_library
from devkit.locks.packages import EXTRA, MARKERS, World

Files = dict[str, str]
_OFTEN, _SELDOM = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Trial:
    """A project, and what is chosen of it."""

    manager: str
    files: Files
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Need:
    """A package that the project requires itself."""

    name: str
    marker: str
    extra: str

    @property
    def text(self) -> str:
        """The requirement in the standard's notation, in TOML's quotes."""
        return f"'{self.name}{self.extra}{'; ' + self.marker if self.marker else ''}'"


def _needs(random: Random, names: tuple[str, ...], most: int) -> list[_Need]:
    chosen = random.sample(names, random.randint(0, min(most, len(names))))
    return [
        _Need(
            name,
            random.choice(MARKERS) if random.random() < _SELDOM else "",
            f"[{EXTRA}]" if random.random() < _SELDOM else "",
        )
        for name in chosen
    ]


def _listed(needs: list[_Need]) -> str:
    return ", ".join(need.text for need in needs)


def _chosen(random: Random, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if random.random() < _OFTEN)


def _libraries(random: Random) -> tuple[Library, ...]:
    if random.random() < _OFTEN:
        return ()
    return tuple(random_library(random, name) for name in ("alpha", "beta")[: random.randint(1, 2)])


def _own(random: Random) -> tuple[Files, str]:
    """Return the project's own module, and its scripts."""
    where = "src/" if random.random() < _SELDOM else ""
    files = {f"{where}shop/__init__.py": "def run() -> None: ...\n", "README.md": "# shop\n"}
    scripts = '[project.scripts]\nshop-run = "shop:run"\n' if random.random() < _OFTEN else ""
    return files, scripts


def poetry(random: Random, world: World, urls: Mapping[str, str]) -> Trial:
    """Return a Poetry project."""
    is_package, has_company = random.random() < _OFTEN, random.random() < _SELDOM
    main, libraries = world.names(company=False), _libraries(random)
    files: Files = {}
    module, scripts = _own(random)
    head = "[build-system]\nrequires = ['poetry-core>=2.0']\nbuild-backend = 'poetry.core.masonry.api'\n"
    head += "[project]\nname = 'shop'\nversion = '1.0'\nrequires-python = '>=3.9,<4.0'\nreadme = 'README.md'\n"
    listed = _needs(random, main, 5)
    company = random.sample(world.names(company=True), min(1, len(world.company))) if has_company else []
    dependencies = [_listed(listed), *(f"'{name}'" for name in company)]
    head += f"dependencies = [{', '.join(filter(None, dependencies))}]\n{scripts if is_package else ''}"
    extras = {name: _needs(random, main, 2) for name in ("pretty", "quick")[: random.randint(0, 2)]}
    if extras:
        head += "[project.optional-dependencies]\n"
        head += "".join(f"{name} = [{_listed(needs)}]\n" for name, needs in extras.items())
    poetry_table = "" if is_package else "package-mode = false\n"
    tail = f"[tool.poetry]\n{poetry_table}[tool.poetry.dependencies]\n"
    tail += "".join(
        f"{one.name} = {{ path = '{one.folder}', develop = {str(one.is_editable).lower()} }}\n" for one in libraries
    )
    tail += "".join(f"{name} = {{ source = 'company' }}\n" for name in company)
    if libraries:
        head = head.replace("version = '1.0'", "version = '1.0'\ndynamic = ['dependencies']", 1)
        head = head.replace(f"dependencies = [{', '.join(filter(None, dependencies))}]\n", "", 1)
        tail += "".join(_poetry_entry(need) for need in listed)
        tail = tail.replace("[tool.poetry.dependencies]\n", "[tool.poetry.dependencies]\npython = '>=3.9,<4.0'\n", 1)
    groups = {name: _needs(random, main, 2) for name in ("dev", "docs", "metrics")[: random.randint(0, 3)]}
    for name, needs in groups.items():
        tail += f"[tool.poetry.group.{name}]\noptional = {random.choice(('true', 'false'))}\n"
        tail += f"[tool.poetry.group.{name}.dependencies]\n{''.join(_poetry_entry(need) for need in needs)}"
    tail += f"[[tool.poetry.source]]\nname = 'here'\nurl = '{urls['main']}'\n"
    if has_company:
        priority = random.choice(("explicit", "explicit", "supplemental"))
        tail += f"[[tool.poetry.source]]\nname = 'company'\nurl = '{urls['company']}'\npriority = '{priority}'\n"
    files |= module if is_package else {"main.py": "", "README.md": ""}
    for library in libraries:
        files |= library.files()
    files["pyproject.toml"] = head + tail
    # A group without packages is not in the lock.
    return Trial("poetry", files, _chosen(random, tuple(groups)), _chosen(random, tuple(extras)))


def _poetry_entry(need: _Need) -> str:
    parts = ["version = '*'"]
    parts += [f"markers = '{need.marker}'"] if need.marker else []
    parts += [f"extras = ['{EXTRA}']"] if need.extra else []
    return f"{need.name} = {{ {', '.join(parts)} }}\n"


def pdm(random: Random, world: World, urls: Mapping[str, str]) -> Trial:
    """Return a PDM project."""
    main, libraries = world.names(company=False), _libraries(random)
    is_package = random.random() < _OFTEN
    module, scripts = _own(random)
    backend = random.choice(
        ("hatchling|hatchling.build", "setuptools|setuptools.build_meta", "pdm-backend|pdm.backend")
    )
    requires, _, name = backend.partition("|")
    text = f"[build-system]\nrequires = ['{requires}']\nbuild-backend = '{name}'\n" if is_package else ""
    text += "[project]\nname = 'shop'\nversion = '1.0'\nrequires-python = '>=3.10'\nreadme = 'README.md'\n"
    own = [f"'{one.name} @ file:///${{PROJECT_ROOT}}/{one.folder}'" for one in libraries if not one.is_editable]
    text += f"dependencies = [{', '.join(filter(None, (_listed(_needs(random, main, 5)), *own)))}]\n"
    text += scripts if is_package else ""
    extras = {name: _needs(random, main, 2) for name in ("pretty", "quick")[: random.randint(0, 2)]}
    text += "[project.optional-dependencies]\n" if extras else ""
    text += "".join(f"{name} = [{_listed(needs)}]\n" for name, needs in extras.items())
    groups = {name: _needs(random, main, 2) for name in ("dev", "docs", "metrics")[: random.randint(0, 3)]}
    text += "[dependency-groups]\n" if groups else ""
    text += "".join(f"{name} = [{_listed(needs)}]\n" for name, needs in groups.items())
    text += "" if is_package else "[tool.pdm]\ndistribution = false\n"
    text += f"[[tool.pdm.source]]\nname = 'pypi'\nurl = '{urls['main']}'\n"
    if world.company and random.random() < _SELDOM:
        text = text.replace("dependencies = [", f"dependencies = ['{random.choice(world.names(company=True))}', ", 1)
        text += f"[[tool.pdm.source]]\nname = 'company'\nurl = '{urls['company']}'\n"
    files = {**module, "pyproject.toml": text}
    for library in libraries:
        files |= library.files()
    return Trial("pdm", files, _chosen(random, tuple(groups)), _chosen(random, tuple(extras)))


def pipenv(random: Random, world: World, urls: Mapping[str, str]) -> Trial:
    """Return an app with a Pipfile."""
    has_company = random.random() < _SELDOM and bool(world.company)
    main, libraries = world.names(company=False), _libraries(random)
    text = f"[[source]]\nname = 'here'\nurl = '{urls['main']}'\nverify_ssl = true\n"
    if has_company:
        text += f"[[source]]\nname = 'company'\nurl = '{urls['company']}'\nverify_ssl = true\n"
    text += "[packages]\n" + "".join(_pipfile_entry(need) for need in _needs(random, main, 5))
    if has_company:
        text += f"{random.choice(world.names(company=True))} = {{ version = '*', index = 'company' }}\n"
    text += "".join(
        f"{one.name} = {{ path = './{one.folder}'{', editable = true' if one.is_editable else ''} }}\n"
        for one in libraries
    )
    groups = ("dev-packages", "docs", "metrics")[: random.randint(0, 3)]
    for name in groups:
        text += f"[{name}]\n" + "".join(_pipfile_entry(need) for need in _needs(random, main, 2))
    files: Files = {"main.py": "", "Pipfile": text}
    for library in libraries:
        files |= library.files()
    return Trial("pipenv", files, _chosen(random, groups))


def _pipfile_entry(need: _Need) -> str:
    extras = f", extras = ['{EXTRA}']" if need.extra else ""
    markers = f', markers = "{need.marker.replace(chr(34), chr(39))}"' if need.marker else ""
    return f"{need.name} = {{ version = '*'{extras}{markers} }}\n"


MAKERS: dict[str, Callable[[Random, World, Mapping[str, str]], Trial]] = {
    "poetry": poetry,
    "pdm": pdm,
    "pipenv": pipenv,
}
