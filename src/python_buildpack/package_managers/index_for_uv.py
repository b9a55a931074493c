"""Translates the rules for indexes for uv: variables, a project with sources, and the indexes of a resolution.

uv binds a package to an index by ``[tool.uv.sources]`` of a pyproject.toml only. So the packages that are bound are in
a generated one, and all others are in a requirements file beside it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.utils import canonicalize_name

from cnb.frozen import frozen
from python_buildpack.package_managers.index_rules import (
    FIRST_INDEX,
    IndexRules,
    IndexUnclear,
    PackageIndex,
    same_address,
    uv_name,
    variable_name,
)
from python_buildpack.tools.pip_config import read_pip_config

PUBLIC = "https://pypi.org/simple"
SHOW_INDEXES = "--emit-index-annotation"
"""uv's option with which a resolution says where each package is from."""

_FROM = " # from "
_ANNOTATION = re.compile(r"\n +# from ")
_LINE = re.compile(rf"^(?P<need>(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==[^#]*?)\s*{_FROM}(?P<url>\S.*)$")


@frozen
class Bound:
    """A requirement, and the index that it may come from."""

    name: str
    requirement: str
    index: PackageIndex


def public_index(env: Mapping[str, str]) -> str:
    """Return the address of the index in whose place a platform may put a mirror, with its login if it has one."""
    settings = {**read_pip_config(env), **env}
    given = (settings.get(name, "").strip() for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"))
    chosen = next((value for value in given if value), PUBLIC)
    # UV_DEFAULT_INDEX may be name=URL.
    name, separator, url = chosen.partition("=")
    return url if separator and "://" not in name else chosen


def strategy_of(rules: IndexRules, env: Mapping[str, str]) -> str:
    """Return uv's strategy for these rules, also where a platform's index is to be searched first.

    Raises IndexUnclear if both cannot be kept to.
    """
    if env.get("UV_INDEX_STRATEGY") != FIRST_INDEX:
        return rules.strategy
    if len(rules.general) > 1:
        raise IndexUnclear(
            f"An index is to be searched before all others (order = first, or UV_INDEX_STRATEGY), and {rules.file} has "
            f"several that are searched alike: {', '.join(one.name for one in rules.general)}.",
            "Write a lock and commit it, or pin packages to the indexes of the app, and let one serve all others.",
        )
    return FIRST_INDEX


def index_variables(rules: IndexRules, env: Mapping[str, str]) -> dict[str, str]:
    """Return uv's variables for the indexes that are searched for packages without a rule, and for all logins.

    The indexes that a platform adds are searched, too. Raises IndexUnclear.
    """
    general = rules.general
    if not general:
        raise IndexUnclear(
            f"By {rules.file}, no index is searched for packages that are not pinned to one.",
            "Let one of the indexes serve all packages.",
        )
    pip = {**read_pip_config(env), **env}
    added = (env.get("UV_INDEX") or pip.get("PIP_EXTRA_INDEX_URL", "")).split()
    added += env.get("UV_EXTRA_INDEX_URL", "").split()
    # A platform's index that is to be searched first.
    before = added if env.get("UV_INDEX_STRATEGY") == FIRST_INDEX else []
    *first, last = general
    flat = [one for one in general if one.is_flat]
    return {
        "UV_INDEX": " ".join(
            (*before, *(_word(one, env) for one in first if not one.is_flat), *([] if before else added))
        ),
        "UV_DEFAULT_INDEX": _word(last, env) if not last.is_flat else public_index(env),
        "UV_EXTRA_INDEX_URL": "",
        "UV_INDEX_URL": "",
        "UV_FIND_LINKS": ",".join((*_links(env), *(one.url for one in flat))),
        **dict(_logins(rules.indexes)),
    }


def write_bound(folder: Path, bound: Iterable[Bound], env: Mapping[str, str]) -> tuple[str, ...]:
    """Write a project that requires each package from its index, and return its path; empty without packages.

    uv takes the path as a requirements file.
    """
    wanted = tuple(bound)
    if not wanted:
        return ()
    indexes = {one.index.name: one.index for one in wanted}
    lines = [
        '[project]\nname = "packages-of-named-indexes"\nversion = "0"',
        f"dependencies = [{', '.join(json.dumps(one.requirement) for one in wanted)}]",
    ]
    for index in indexes.values():
        lines += ["[[tool.uv.index]]", f"name = {json.dumps(index.name)}", f"url = {json.dumps(_address(index, env))}"]
        lines += ["explicit = true", *(['format = "flat"'] if index.is_flat else [])]
    lines.append("[tool.uv.sources]")
    lines += [f"{json.dumps(one.name)} = {{ index = {json.dumps(one.index.name)} }}" for one in wanted]
    folder.mkdir(exist_ok=True)
    path = folder / "pyproject.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return (str(path),)


def with_indexes(output: str) -> str:
    """Return uv's resolution with the index of each package in its own line."""
    return _ANNOTATION.sub(_FROM, output)


def bound_by(text: str, rules: IndexRules, env: Mapping[str, str]) -> tuple[tuple[Bound, ...], str]:
    """Return the packages of a resolution with the index that each came from, and all other lines.

    The text is that of ``with_indexes``. Files of directories and pages of links are in the other lines.
    """
    declared = {same_address(_address(one, env)): one for one in reversed(rules.indexes)}
    links = frozenset(same_address(place) for place in _links(env))
    bound: list[Bound] = []
    others: list[str] = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        index = _index_at(match["url"], declared, links) if match else None
        if match is None or index is None:
            others.append(line)
        else:
            bound.append(Bound(canonicalize_name(match["name"]), match["need"].strip(), index))
    return tuple(bound), "".join(f"{line}\n" for line in others)


def check_origins(text: str, rules: IndexRules, env: Mapping[str, str]) -> None:
    """Raise IndexUnclear if a package of the resolution is from another index than the rules allow."""
    for one in bound_by(text, rules, env)[0]:
        pinned = rules.pinned(one.name)
        if pinned is not None and same_address(one.index.url) != same_address(_address(pinned, env)):
            raise IndexUnclear(
                f"By {rules.file}, {one.name} is to come from {pinned.name} only. It is a dependency of another "
                "package, and without a lock it was found on another index.",
                f"Name {one.name} among the dependencies of the app, or write a lock and commit it.",
            )


def _index_at(url: str, declared: Mapping[str, PackageIndex], links: frozenset[str]) -> PackageIndex | None:
    """Return the index of an address, also one that no table has; None for places of files that are no index."""
    address = same_address(url)
    if address in declared:
        return declared[address]
    return PackageIndex(uv_name(f"from-{address}"), url) if "://" in address and address not in links else None


def _links(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the places of files (``--find-links``) that the build's variables and pip.conf name."""
    pip = {**read_pip_config(env), **env}
    by_uv = env.get("UV_FIND_LINKS", "").split(",") if env.get("UV_FIND_LINKS") else []
    return (*by_uv, *(() if by_uv else pip.get("PIP_FIND_LINKS", "").split()))


def _address(index: PackageIndex, env: Mapping[str, str]) -> str:
    return index.url or public_index(env)


def _word(index: PackageIndex, env: Mapping[str, str]) -> str:
    return f"{index.name}={_address(index, env)}"


def _logins(indexes: Iterable[PackageIndex]) -> Iterator[tuple[str, str]]:
    for one in indexes:
        if one.username or one.password:
            prefix = f"UV_INDEX_{variable_name(one.name)}"
            yield f"{prefix}_USERNAME", one.username
            yield f"{prefix}_PASSWORD", one.password
