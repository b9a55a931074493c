"""The contents of base images and builders, as data: nothing here needs an engine."""

import io
import tarfile
import tomllib
from pathlib import Path

import pytest
import tomlkit

from devkit.pack.builder import (
    NO_BUILDPACK,
    Builder,
    builder_configuration,
    certificate_environment,
    tree_fingerprint,
)
from devkit.pack.commands import PlatformUnavailable
from devkit.pack.images import BUILD, COMPILER_BUILD, RUN, SHELL_FREE_RUN, image_changes, image_fingerprint
from devkit.pack.rootfs import copy_without, foreign_certificates, machine_certificates, read_distribution

ONE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
TWO = b"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----"


def write_archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o754
            tar.addfile(entry, io.BytesIO(content))
    return path


def test_a_machine_without_certificates_of_its_own(tmp_path: Path) -> None:
    """The bundle that every system has is no reason to change the images."""
    (tmp_path / "etc/ssl/certs").mkdir(parents=True)
    (tmp_path / "etc/ssl/certs/ca-certificates.crt").write_bytes(ONE)
    assert machine_certificates({}, tmp_path) is None
    assert certificate_environment(None) == {}


def test_a_machine_with_certificates_of_its_own(tmp_path: Path) -> None:
    """Locally added certificates, or a bundle named in the environment, are what the images must trust."""
    (tmp_path / "etc/ssl/certs").mkdir(parents=True)
    (tmp_path / "etc/ssl/certs/ca-certificates.crt").write_bytes(ONE + TWO)
    (tmp_path / "usr/local/share/ca-certificates").mkdir(parents=True)
    (tmp_path / "usr/local/share/ca-certificates/company.crt").write_bytes(TWO)
    assert machine_certificates({}, tmp_path) == ONE + TWO
    (tmp_path / "stated.pem").write_bytes(TWO)
    assert machine_certificates({"SSL_CERT_FILE": str(tmp_path / "stated.pem")}, tmp_path) == TWO
    assert machine_certificates({"SSL_CERT_FILE": str(tmp_path / "absent.pem")}, tmp_path) is None
    assert set(certificate_environment(TWO)) == {"SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"}


def test_only_unknown_certificates_are_added() -> None:
    """Comments and order in a bundle do not matter."""
    assert foreign_certificates(b"# one\n" + ONE + b"\n# two\n" + TWO + b"\n", TWO + b"\n") == [ONE]


def test_every_property_of_an_image_is_in_its_fingerprint() -> None:
    """Images that differ in name, files, user or certificates have different fingerprints."""
    images = (BUILD, RUN, COMPILER_BUILD, SHELL_FREE_RUN)
    assert len({image_fingerprint(image, trusted) for image in images for trusted in (None, ONE)}) == 8


def test_the_build_image_is_as_the_platform_specification_asks() -> None:
    """The build image states the user's ids, numerically and the same as its user, its search path and distribution."""
    assert image_changes(BUILD, "0123", "debian", "12") == [
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "ENV CNB_USER_ID=1001",
        "ENV CNB_GROUP_ID=1001",
        "LABEL io.buildpacks.base.distro.name=debian",
        "LABEL io.buildpacks.base.distro.version=12",
        "LABEL terrarium.fingerprint=0123",
        "USER 1001:1001",
    ]


def test_the_distribution_is_read_from_the_archive(tmp_path: Path) -> None:
    """Values in os-release may be quoted or not."""
    text = b'PRETTY_NAME="Debian GNU/Linux 12"\nVERSION_ID="12"\nID=debian\n'
    archive = write_archive(tmp_path / "root.tar", {"./usr/lib/os-release": text})
    assert read_distribution(archive) == ("debian", "12")


def test_files_can_be_left_out(tmp_path: Path) -> None:
    """A copy without some paths keeps all else, content and mode."""
    archive = write_archive(tmp_path / "root.tar", {"./usr/bin/sh": b"shell", "./usr/bin/perl": b"perl"})
    copy_without(archive, tmp_path / "new.tar", ("usr/bin/sh",))
    with tarfile.open(tmp_path / "new.tar") as tar:
        assert [(entry.name, entry.mode) for entry in tar] == [("./usr/bin/perl", 0o754)]
        content = tar.extractfile("./usr/bin/perl")
        assert content is not None
        assert content.read() == b"perl"


def test_leaving_out_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    """An image that was to have no shell must not silently keep one under another path."""
    archive = write_archive(tmp_path / "root.tar", {"./usr/bin/sh": b"shell"})
    with pytest.raises(PlatformUnavailable, match=r"no \./bin/sh to remove"):
        copy_without(archive, tmp_path / "new.tar", ("bin/sh",))


def write_buildpack(folder: Path, identifier: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    for name, text in NO_BUILDPACK.items():
        (folder / name).write_text(text.replace("terrarium/no-buildpack", identifier))
    return folder


def test_a_builder_names_its_parts(tmp_path: Path) -> None:
    """builder.toml holds the buildpacks in order, as one group, with the images, the lifecycle and the variables."""
    folders = (write_buildpack(tmp_path / "a", "x/a"), write_buildpack(tmp_path / "b", "x/b"))
    builder = Builder("builder:1", "build:1", "run:1", folders, {"PIP_CERT": "/a b"})
    written = tomlkit.dumps(builder_configuration(builder, folders, tmp_path / "lifecycle.tgz"))
    assert tomllib.loads(written) == {
        "buildpacks": [{"uri": str(folders[0])}, {"uri": str(folders[1])}],
        "order": [{"group": [{"id": "x/a", "version": "0.0.1"}, {"id": "x/b", "version": "0.0.1"}]}],
        "build": {"image": "build:1", "env": [{"name": "PIP_CERT", "value": "/a b"}]},
        "run": {"images": [{"image": "run:1"}]},
        "lifecycle": {"uri": str(tmp_path / "lifecycle.tgz")},
    }


def test_a_changed_buildpack_is_noticed(tmp_path: Path) -> None:
    """Content, executable bits, links and names of a buildpack count; its place and its dates do not."""
    first, second = write_buildpack(tmp_path / "a", "x/a"), write_buildpack(tmp_path / "b", "x/a")
    (second / "bin/detect").touch()
    marks = [tree_fingerprint(first)]
    assert tree_fingerprint(second) == marks[0]
    (first / "bin/detect").chmod(0o755)
    marks.append(tree_fingerprint(first))
    (first / "bin/build").write_text("#!/bin/sh\nexit 2\n")
    marks.append(tree_fingerprint(first))
    (first / "link").symlink_to("bin")
    marks.append(tree_fingerprint(first))
    (first / "link").rename(first / "other")
    marks.append(tree_fingerprint(first))
    (first / "other").unlink()
    (first / "other").symlink_to("nowhere")
    marks.append(tree_fingerprint(first))
    assert len(set(marks)) == len(marks)
