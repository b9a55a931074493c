"""The version of the buildpack, as buildpack.toml has it, and what CHANGELOG.md says about a version."""

import re
import tomllib

from devkit.errors import DevkitError
from devkit.paths import CHECKOUT

UNRELEASED = "Unreleased"
_PLACES = (
    "README.md",
    "docs/how-to.md",
    "docs/platforms/builder.toml",
    "docs/platforms/github-actions.yml",
    "docs/platforms/kpack.yaml",
    "docs/platforms/pack.md",
    "extensions/apt/extension.toml",
)
"""Files that name the version of the package, or of what is released with it."""
_NAMED = re.compile(r"""(terrarium-python[-:]|id = "terrarium/(?:apt|python)"\nversion = ")\d+\.\d+\.\d+""")


def own_version() -> str:
    """Return the version in buildpack.toml."""
    document = tomllib.loads((CHECKOUT / "buildpack.toml").read_text(encoding="utf-8"))
    return str(document["buildpack"]["version"])


def written_versions() -> dict[str, str]:
    """Return the files that name the version, by their paths, with that of buildpack.toml."""
    texts = {path: (CHECKOUT / path).read_text(encoding="utf-8") for path in _PLACES}
    return {path: _NAMED.sub(rf"\g<1>{own_version()}", text) for path, text in texts.items()}


def annotations(homepage: str = "") -> dict[str, str]:
    """Return what an image of the buildpack says about itself (OCI image specification, annotations.md).

    ``homepage`` is the address of the repository, empty if it has none.
    """
    buildpack = tomllib.loads((CHECKOUT / "buildpack.toml").read_text(encoding="utf-8"))["buildpack"]
    addresses = {"org.opencontainers.image.url": homepage, "org.opencontainers.image.source": homepage}
    return {
        **(addresses if homepage else {}),
        "org.opencontainers.image.title": str(buildpack["name"]),
        "org.opencontainers.image.description": str(buildpack["description"]),
        "org.opencontainers.image.version": str(buildpack["version"]),
        "org.opencontainers.image.licenses": str(buildpack["licenses"][0]["type"]),
    }


def notes_of(changelog: str, title: str) -> str:
    """Return the section of a changelog (Keep a Changelog) with this title. Raises DevkitError if there is none."""
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    for section in sections:
        heading, _, body = section.partition("\n")
        if heading.partition(" - ")[0].strip("[] ") == title:
            return f"{body.strip()}\n"
    raise DevkitError(f"CHANGELOG.md has no section {title!r}: write what users get before releasing it")
