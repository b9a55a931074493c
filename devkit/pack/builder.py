"""Builder images: a build image, the lifecycle, and buildpacks or none."""

import json
import stat
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tomlkit

from devkit.pack.build import Pack
from devkit.pack.cache import Cache, fingerprint
from devkit.pack.commands import PlatformUnavailable, tail
from devkit.pack.images import FINGERPRINT_LABEL, read_label
from devkit.pack.remove import replacing
from devkit.pack.rootfs import BUNDLE
from devkit.pack.toolchain import Toolchain

NO_BUILDPACK = {
    "buildpack.toml": """api = "0.10"

[buildpack]
id = "terrarium/no-buildpack"
version = "0.0.1"
name = "Says that a buildpack has to be given"

[[targets]]
os = "linux"
""",
    "bin/detect": "#!/bin/sh\necho 'This builder holds no buildpack: name one with --buildpack.'\nexit 100\n",
    "bin/build": "#!/bin/sh\nexit 1\n",
}
"""A builder must hold a buildpack; this one stands in where the buildpack comes with each build."""


@dataclass(frozen=True, slots=True)
class Builder:
    """The parts of a builder."""

    name: str
    build_image: str
    run_image: str
    buildpacks: tuple[Path, ...] = ()
    """Directories; together, in this order, they are the builder's only group."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the platform's operator sets for every buildpack (``[[build.env]]``)."""


def certificate_environment(certificates: bytes | None) -> dict[str, str]:
    """Return the variables that lead tools with a certificate list of their own to the system's, if that matters."""
    names = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE") if certificates else ()
    return dict.fromkeys(names, f"/{BUNDLE}")


def ensure_builder(builder: Builder, pack: Pack, toolchain: Toolchain, cache: Cache) -> str:
    """Return the builder's name, creating it unless it is there as specified. Raises PlatformUnavailable."""
    with cache.locked("builders"), tempfile.TemporaryDirectory() as scratch:
        buildpacks = builder.buildpacks or (_write_no_buildpack(Path(scratch) / "buildpack"),)
        mark = builder_fingerprint(builder, buildpacks, toolchain)
        if read_label(builder.name, FINGERPRINT_LABEL) != mark:
            file = Path(scratch) / "builder.toml"
            file.write_text(tomlkit.dumps(builder_configuration(builder, buildpacks, toolchain.lifecycle_archive)))
            arguments = ["--config", str(file), "--pull-policy", "never", "--label", f"{FINGERPRINT_LABEL}={mark}"]
            with replacing(builder.name):
                finished = pack.run("builder", "create", builder.name, *arguments)
            if finished.status != 0:
                raise PlatformUnavailable(
                    f"pack could not create {builder.name}:\n{tail(finished.output)}", "Repair what pack names."
                )
    return builder.name


def builder_configuration(builder: Builder, buildpacks: Iterable[Path], lifecycle: Path) -> dict[str, object]:
    """Return the content of builder.toml."""
    folders = list(buildpacks)
    variables = [{"name": name, "value": value} for name, value in builder.environment.items()]
    return {
        "buildpacks": [{"uri": str(folder)} for folder in folders],
        "order": [{"group": [_read_identity(folder) for folder in folders]}],
        "build": {"image": builder.build_image, **({"env": variables} if variables else {})},
        "run": {"images": [{"image": builder.run_image}]},
        "lifecycle": {"uri": str(lifecycle)},
    }


def builder_fingerprint(builder: Builder, buildpacks: Iterable[Path], toolchain: Toolchain) -> str:
    """Return a fingerprint of a builder, which includes the bytes of its buildpacks."""
    images = [f"{image} {read_label(image, FINGERPRINT_LABEL)}" for image in (builder.build_image, builder.run_image)]
    environment = json.dumps(dict(builder.environment), sort_keys=True)
    return fingerprint(
        toolchain.fingerprint, *images, environment, *(tree_fingerprint(folder) for folder in buildpacks)
    )


def tree_fingerprint(folder: Path) -> str:
    """Return a digest of all that pack packs of a directory: names, contents, links and executable bits."""
    return fingerprint(*_tree(folder))


def _tree(folder: Path) -> Iterator[str | bytes]:
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        yield f"{path.relative_to(folder)} {stat.S_IFMT(mode):o} {bool(mode & 0o111)}"
        if path.is_symlink():
            yield str(path.readlink())
        elif path.is_file():
            yield path.read_bytes()


def _read_identity(folder: Path) -> dict[str, str]:
    buildpack = tomllib.loads((folder / "buildpack.toml").read_text())["buildpack"]
    return {"id": buildpack["id"], "version": buildpack["version"]}


def _write_no_buildpack(folder: Path) -> Path:
    for name, text in NO_BUILDPACK.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if name.startswith("bin/") else 0o644)
    return folder
