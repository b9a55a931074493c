"""What reaches a buildpack's executables, and nothing besides (cnb-contract §1.2, §1.5)."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from devkit.lifecycle import Built, Request, build
from devkit.lifecycle.target import Target

ASSETS = Path(__file__).parent / "assets" / "lifecycle"
LIFECYCLE_ENV = {"PATH": "/usr/bin:/bin", "HOME": "/home/cnb"}
PRINT = "env | sort | sed 's/^/first /'"


@pytest.fixture
def request_of(tmp_path: Path) -> Any:
    """Return a maker of requests to build an empty app with the two scripted buildpacks."""
    app = tmp_path / "app"
    app.mkdir()

    def make(scripts: dict[str, str], **changes: Any) -> Request:
        env = scripts | changes.pop("env", {})
        given = {"buildpacks": (ASSETS / "first", ASSETS / "second"), "lifecycle_env": LIFECYCLE_ENV} | changes
        return Request(app=app, state=tmp_path / "state", env=env, **given)

    return make


def printed(result: object, who: str = "first") -> dict[str, str]:
    """Return the environment that a buildpack printed line by line, each behind its name."""
    assert isinstance(result, Built), result
    lines = [line.removeprefix(f"{who} ") for line in result.log.splitlines() if line.startswith(f"{who} ")]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def test_a_buildpack_sees_the_allow_list_the_users_variables_and_nothing_else(request_of: Any, tmp_path: Path) -> None:
    """LANG, TMPDIR, SSL_CERT_FILE and whatever else surrounds the build stay outside."""
    outside = {"LANG": "C.UTF-8", "LC_ALL": "C", "TMPDIR": "/t", "SSL_CERT_FILE": "/c", "USER": "me", "SECRET": "s"}
    inside = {
        "CNB_STACK_ID": "stack", "HOSTNAME": "host", "HTTP_PROXY": "a", "http_proxy": "b", "HTTPS_PROXY": "c",
        "https_proxy": "d", "NO_PROXY": "e", "no_proxy": "f", "LD_LIBRARY_PATH": "/l", "LIBRARY_PATH": "/m",
        "CPATH": "/n", "PKG_CONFIG_PATH": "/o",
    }  # fmt: skip
    lifecycle_env = LIFECYCLE_ENV | outside | inside
    state = tmp_path / "state"

    result = build(
        request_of(
            {"FIRST_BUILD": PRINT},
            env={"BP_ANSWER": "42"},
            lifecycle_env=lifecycle_env,
            target=Target(arch="arm64", arch_variant="v8", distro_name="debian", distro_version="12"),
        )
    )

    seen = printed(result)
    seen.pop("PWD")  # made by sh
    plan = seen.pop("CNB_BP_PLAN_PATH")
    assert Path(plan).is_relative_to(state)
    assert seen == LIFECYCLE_ENV | inside | {
        "BP_ANSWER": "42",
        "FIRST_BUILD": PRINT,
        "CNB_BUILDPACK_DIR": str(ASSETS / "first"),
        "CNB_LAYERS_DIR": str(state / "layers" / "test_first"),
        "CNB_PLATFORM_DIR": str(state / "platform"),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "arm64",
        "CNB_TARGET_ARCH_VARIANT": "v8",
        "CNB_TARGET_DISTRO_NAME": "debian",
        "CNB_TARGET_DISTRO_VERSION": "12",
    }


def test_detect_gets_the_plan_path_instead_of_the_layers(request_of: Any) -> None:
    """CNB_BUILD_PLAN_PATH names an empty file; CNB_LAYERS_DIR and CNB_BP_PLAN_PATH do not exist yet."""
    script = 'test -e "$CNB_BUILD_PLAN_PATH"; test ! -s "$CNB_BUILD_PLAN_PATH"; test "$2" = "$CNB_BUILD_PLAN_PATH"\n'
    script += 'test "$1" = "$CNB_PLATFORM_DIR"; test -z "${CNB_LAYERS_DIR-}${CNB_BP_PLAN_PATH-}"\n'

    assert isinstance(build(request_of({"FIRST_DETECT": script})), Built)


def test_build_gets_the_deprecated_arguments_and_the_app_as_working_directory(request_of: Any, tmp_path: Path) -> None:
    """Old buildpacks read $1 to $3; all of them start in the app directory."""
    script = 'test "$1" = "$CNB_LAYERS_DIR"; test "$2" = "$CNB_PLATFORM_DIR"; test "$3" = "$CNB_BP_PLAN_PATH"\n'
    script += f'test "$(pwd)" = "{tmp_path}/state/workspace"\n'

    assert isinstance(build(request_of({"FIRST_BUILD": script})), Built)


def test_the_users_variables_override_but_path_variables_are_prepended(request_of: Any) -> None:
    """A user who sets PATH does not lose the one of the image; one who sets HOME does."""
    seen = printed(build(request_of({"FIRST_BUILD": PRINT}, env={"PATH": "/mine", "CPATH": "/inc", "HOME": "/h"})))

    assert (seen["PATH"], seen["CPATH"], seen["HOME"]) == ("/mine:/usr/bin:/bin", "/inc", "/h")


def test_a_users_value_is_taken_verbatim_and_a_dot_in_its_name_means_nothing(request_of: Any) -> None:
    """The newline at the end of a value is kept, none is added, and suffixes are for layers only."""
    script = 'printf "%s" "$BP_X" | od -An -c; od -An -c "$CNB_PLATFORM_DIR/env/BP_Y"; echo "$PATH"'

    result = build(request_of({"FIRST_BUILD": script}, env={"BP_X": "a\n", "BP_Y": "b", "PATH.append": "z"}))

    assert isinstance(result, Built)
    assert [line.split() for line in result.log.splitlines()] == [["a", "\\n"], ["b"], ["/usr/bin:/bin"]]


def test_clear_env_keeps_the_users_variables_out_but_leaves_the_files(request_of: Any, tmp_path: Path) -> None:
    """With clear-env = true a buildpack has to read the platform directory by itself."""
    shutil.copytree(ASSETS, tmp_path / "assets")
    toml = tmp_path / "assets" / "first" / "buildpack.toml"
    toml.write_text(toml.read_text() + "clear-env = true\n")
    script = PRINT + '\ntest "$(cat "$CNB_PLATFORM_DIR/env/BP_X")" = x\n'

    result = build(request_of({"FIRST_BUILD": script}, env={"BP_X": "x"}, buildpacks=(tmp_path / "assets" / "first",)))

    assert "BP_X" not in printed(result)


def test_the_operators_variables_come_last_with_suffixes_and_default_otherwise(request_of: Any, tmp_path: Path) -> None:
    """/cnb/build-config/env fills in what the user left out, unless a suffix says more."""
    folder = tmp_path / "config" / "env"
    folder.mkdir(parents=True)
    for name, value in {"BP_A": "operator", "BP_B": "operator", "BP_C.override": "operator"}.items():
        (folder / name).write_text(value)

    seen = printed(
        build(
            request_of({"FIRST_BUILD": PRINT}, env={"BP_A": "user", "BP_C": "user"}, build_config=tmp_path / "config")
        )
    )

    assert (seen["BP_A"], seen["BP_B"], seen["BP_C"]) == ("user", "operator", "operator")


def test_build_layers_reach_later_buildpacks_and_never_their_own(request_of: Any, tmp_path: Path) -> None:
    """Roots, env and env.build of build layers change what the next buildpack gets; nothing else does."""
    script = """
layer tool build; layer other launch
for name in bin lib include pkgconfig; do mkdir -p "$CNB_LAYERS_DIR/tool/$name" "$CNB_LAYERS_DIR/other/$name"; done
variable tool env ALL all; variable tool env.build ONLY build; variable tool env.launch NOT launch
variable other env ALL other
test -z "${ALL-}"
"""
    lifecycle_env = LIFECYCLE_ENV | {"LD_LIBRARY_PATH": "/l"}

    result = build(
        request_of(
            {"FIRST_BUILD": script, "SECOND_BUILD": "env | sort | sed 's/^/second /'"}, lifecycle_env=lifecycle_env
        )
    )

    seen, tool = printed(result, "second"), tmp_path / "state" / "layers" / "test_first" / "tool"
    assert seen["PATH"] == f"{tool}/bin:/usr/bin:/bin"
    assert seen["LD_LIBRARY_PATH"] == f"{tool}/lib:/l"
    assert seen["LIBRARY_PATH"] == f"{tool}/lib"
    assert seen["CPATH"] == f"{tool}/include"
    assert seen["PKG_CONFIG_PATH"] == f"{tool}/pkgconfig"
    assert (seen["ALL"], seen["ONLY"], seen.get("NOT")) == ("all", "build", None)


def test_a_users_variable_wins_over_that_of_an_earlier_buildpack(request_of: Any) -> None:
    """Layers come before the user: except that a user's PATH is put in front of theirs."""
    script = "layer tool build; variable tool env WHO layer; variable tool env PATH.prepend /layer:"

    seen = printed(
        build(
            request_of(
                {"FIRST_BUILD": script, "SECOND_BUILD": "env | sed 's/^/second /'"}, env={"WHO": "user", "PATH": "/u"}
            )
        ),
        "second",
    )

    assert (seen["WHO"], seen["PATH"]) == ("user", "/u:/layer:/usr/bin:/bin")


def test_bindings_are_found_in_the_platform_directory(request_of: Any, tmp_path: Path) -> None:
    """A service binding is a directory below $CNB_PLATFORM_DIR/bindings."""
    (tmp_path / "bindings" / "db").mkdir(parents=True)
    (tmp_path / "bindings" / "db" / "type").write_text("postgresql")
    script = 'cat "$CNB_PLATFORM_DIR/bindings/db/type"'

    result = build(request_of({"FIRST_BUILD": script}, bindings=tmp_path / "bindings"))

    assert isinstance(result, Built)
    assert result.log == "postgresql"
