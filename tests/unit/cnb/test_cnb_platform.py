"""Claims about the platform directory: the user's variables and bindings."""

import os
from pathlib import Path

import pytest

from cnb.platform import Binding, read_platform


def put(root: Path, files: dict[str, str]) -> None:
    """Write files, given by path."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def test_variables_are_verbatim(tmp_path: Path) -> None:
    """A final newline is part of the value, and so are bytes that are not UTF-8."""
    put(tmp_path, {"env/BP_ONE": "value\n", "env/EMPTY": ""})
    (tmp_path / "env" / "BP_RAW").write_bytes(b"\xff")

    platform = read_platform(tmp_path, {})

    assert platform.env == {"BP_ONE": "value\n", "BP_RAW": "\udcff", "EMPTY": ""}


def test_oddities_beside_the_variables_are_skipped(tmp_path: Path) -> None:
    """Directories, FIFOs, dangling links and what Kubernetes mounts beside the keys do no harm."""
    env = tmp_path / "env"
    put(tmp_path, {"env/GOOD": "1", "env/..data/GOOD": "1"})
    (env / "..2026_11_22").write_text("x")
    (env / "directory").mkdir()
    (env / "dangling").symlink_to("nowhere")
    os.mkfifo(env / "fifo")

    assert read_platform(tmp_path, {}).env == {"GOOD": "1"}


def test_an_absent_platform_directory_is_an_empty_one(tmp_path: Path) -> None:
    """Neither env nor bindings need to be there."""
    platform = read_platform(tmp_path / "nowhere", {})

    assert (platform.env, platform.bindings) == ({}, ())


def test_a_binding_tells_its_type_provider_and_the_names_of_its_secrets(tmp_path: Path) -> None:
    """Type and provider without white space around them; the secrets are read when asked for, verbatim."""
    put(
        tmp_path,
        {"bindings/index/type": "pypi\n", "bindings/index/provider": " acme ", "bindings/index/password": "s3cret\n"},
    )

    (binding,) = read_platform(tmp_path, {}).bindings

    path = tmp_path / "bindings" / "index"
    assert binding == Binding("index", "pypi", "acme", path, ("password",))
    assert binding.secret("password") == "s3cret\n"
    assert binding.secret("absent") is None
    assert "s3cret" not in repr(binding)


def test_no_secret_is_read_from_outside_of_the_binding(tmp_path: Path) -> None:
    """Only names that are listed can be asked for."""
    put(tmp_path, {"outside": "x", "bindings/index/type": "pypi"})
    (binding,) = read_platform(tmp_path, {}).bindings

    assert binding.secret("../../outside") is None
    assert binding.secret("type") is None


def test_a_legacy_binding_is_understood(tmp_path: Path) -> None:
    """The older specification has metadata/kind, metadata/provider and secret/<key>."""
    put(
        tmp_path,
        {
            "bindings/old/metadata/kind": "CA-Certificates",
            "bindings/old/metadata/provider": "p",
            "bindings/old/secret/ca": "pem",
        },
    )

    (binding,) = read_platform(tmp_path, {}).bindings

    assert (binding.type, binding.provider, binding.entries) == ("CA-Certificates", "p", ("ca",))
    assert binding.secret("ca") == "pem"


def test_types_are_compared_without_case(tmp_path: Path) -> None:
    """The specification asks for it; all bindings of a type are found, by name."""
    put(
        tmp_path,
        {"bindings/b/type": "PyPI", "bindings/a/type": "pypi", "bindings/c/type": "netrc", "bindings/d/key": "x"},
    )

    platform = read_platform(tmp_path, {})

    assert [binding.name for binding in platform.bindings_of_type("pYpI")] == ["a", "b"]
    assert [binding.type for binding in platform.bindings] == ["pypi", "PyPI", "netrc", ""]


@pytest.mark.parametrize("where", ["environment", "platform file"])
def test_service_binding_root_goes_before_the_platform_directory(tmp_path: Path, where: str) -> None:
    """Where the variable is set, by the process environment or by the user, bindings come from there alone."""
    root = tmp_path / "elsewhere"
    put(tmp_path, {"bindings/one/type": "a", "elsewhere/two/type": "b", "env/NAME": "x"})
    env = {}
    if where == "environment":
        env["SERVICE_BINDING_ROOT"] = str(root)
    else:
        put(tmp_path, {"env/SERVICE_BINDING_ROOT": str(root)})

    platform = read_platform(tmp_path, env)

    assert [(binding.name, binding.type) for binding in platform.bindings] == [("two", "b")]


def test_bindings_as_kubernetes_mounts_them(tmp_path: Path) -> None:
    """Keys are links into ..data, which itself is a link to a dated directory; neither is a key or a binding."""
    binding = tmp_path / "bindings" / "index"
    dated = binding / "..2026_11_22"
    put(dated, {"type": "pypi", "token": "t"})
    (binding / "..data").symlink_to(dated.name)
    for key in ("type", "token"):
        (binding / key).symlink_to(f"..data/{key}")
    (tmp_path / "bindings" / "stray-file").touch()

    (found,) = read_platform(tmp_path, {}).bindings

    assert (found.name, found.type, found.entries, found.secret("token")) == ("index", "pypi", ("token",), "t")
