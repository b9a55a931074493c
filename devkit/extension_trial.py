"""Tries the image extension with the real pack and the lifecycle's own extender: ``python -m devkit.extension_trial``.

It takes some minutes: the extender looks through whole images. The tests apply the same Dockerfiles by the engine.
"""

import shutil
import sys
import tempfile
import tomllib
from contextlib import ExitStack
from pathlib import Path

import tomlkit

from devkit.build_with_pack import served
from devkit.errors import DevkitError
from devkit.interpreters import find_source
from devkit.machine import machine_arch
from devkit.pack.build import PackBuild
from devkit.pack.builder import Builder, builder_configuration, certificate_environment
from devkit.pack.commands import run
from devkit.pack.containers import ContainerOptions, run_once
from devkit.pack.docker import docker
from devkit.pack.images import BUILD, RUN
from devkit.pack.prepare import Platform, prepare_platform
from devkit.pack.registry import push, registry
from devkit.pack.remove import Names
from devkit.packaging.package import Packaged, package
from devkit.paths import CHECKOUT, DIST

_EXTENSION = CHECKOUT / "extensions" / "apt"
_FILES = {
    "Aptfile": "libpq5\n",
    "requirements.txt": "psycopg\n",
    "main.py": "import os\nimport psycopg\n\nprint('libpq', psycopg.pq.version(), 'for user', os.getuid())\n",
    "bin/post_compile": "#!/bin/sh\npython -c 'import psycopg; print(\"libpq in the build:\", psycopg.pq.version())'\n",
}
"""psycopg without a wheel that has the library in it: neither the hook nor the program runs without libpq5."""


def try_extension() -> str:
    """Build an app that needs libpq, with interpreters of this machine, and return what its image prints.

    Raises DevkitError if the build fails, or if either image is without the package.
    """
    platform, source, names = prepare_platform(say=print), find_source(machine_arch()), Names()
    packaged = package(machine_arch(), DIST, source)
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="extension-")))
        address = cleanup.enter_context(registry(folder))
        variables = cleanup.enter_context(served(source))
        cleanup.callback(names.remove_all)
        # The extender takes its base images from a registry.
        pushed = [push(platform.image(RUN), address)]
        cleanup.callback(lambda: run(["docker", "image", "rm", "--force", *pushed]))
        docker("pull", "--quiet", pushed[0])
        pushed.append(push(_lifecycle_image(platform, names, folder / "lifecycle"), address))
        pushed.append(push(_builder(platform, packaged, names, pushed[0], folder), address))
        # In a builder that is trusted, the lifecycle runs as one program, which extends nothing.
        options = ("--pull-policy", "always", "--trust-builder=false", "--lifecycle-image", pushed[1])
        image = names.image("extended")
        build = PackBuild(_write_app(folder / "app"), image, pushed[2], (), variables, options=options)
        result = platform.build(build, echo=lambda line: print(line, flush=True))
        if result.status != 0 or "libpq in the build:" not in result.output:
            raise DevkitError(f"the build ended with status {result.status}, or without the package.")
        said = run_once(image, options=ContainerOptions(network="none"))
        if said.status != 0:
            raise DevkitError(f"the image is without the package:\n{said.output}")
    return said.output.strip()


def _lifecycle_image(platform: Platform, names: Names, folder: Path) -> str:
    """Return the name of an image with the lifecycle as its last layer, which is where pack takes it from."""
    folder.mkdir()
    shutil.copy(platform.toolchain.lifecycle_archive, folder / "lifecycle.tgz")
    (folder / "Dockerfile").write_text(f"FROM {platform.image(RUN)}\nADD lifecycle.tgz /cnb/\n", encoding="utf-8")
    docker("build", "--tag", names.image("lifecycle"), folder)
    return names.image("lifecycle")


def _builder(platform: Platform, packaged: Packaged, names: Names, run_image: str, folder: Path) -> str:
    """Return the name of a builder that has the extension and our buildpack, for this run image."""
    environment = certificate_environment(platform.certificates)
    builder = Builder("", platform.image(BUILD), run_image, (packaged.directory,), environment)
    document = builder_configuration(builder, builder.buildpacks, platform.toolchain.lifecycle_archive)
    extension = tomllib.loads((_EXTENSION / "extension.toml").read_text(encoding="utf-8"))["extension"]
    document["extensions"] = [{"uri": str(_EXTENSION)}]
    document["order-extensions"] = [{"group": [{"id": extension["id"], "version": extension["version"]}]}]
    (folder / "builder.toml").write_text(tomlkit.dumps(document), encoding="utf-8")
    name = names.image("extending-builder")
    made = platform.pack.run(
        "builder", "create", name, "--config", str(folder / "builder.toml"), "--pull-policy", "never"
    )
    if made.status != 0:
        raise DevkitError(f"pack could not create the builder:\n{made.output}")
    return name


def _write_app(app: Path) -> Path:
    for name, text in _FILES.items():
        path = app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (app / "bin" / "post_compile").chmod(0o755)
    return app


if __name__ == "__main__":
    try:
        print(try_extension())
    except DevkitError as error:
        sys.exit(f"extension_trial: {error}")
