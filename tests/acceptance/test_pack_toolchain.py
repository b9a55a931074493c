"""The real platform itself, seen through a tiny buildpack in shell that installs an HTTP server written in Perl."""

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import pytest

from devkit.pack.app_image import find_image, image_files, inspect_image
from devkit.pack.build import PackBuild, PackResult
from devkit.pack.commands import run
from devkit.pack.containers import NO_PORT, Container, ContainerOptions, run_container, run_once
from devkit.pack.docker import DockerFailed, docker
from devkit.pack.engine import find_engine
from devkit.pack.images import BUILD, FINGERPRINT_LABEL, RUN, SHELL_FREE_RUN, read_label
from devkit.pack.prepare import Platform, prepare_platform
from devkit.pack.remove import Names
from devkit.pack.rootfs import BUNDLE, foreign_certificates

BUILDPACK = {
    "buildpack.toml": """
api = "0.10"
[buildpack]
id = "test/perl-server"
version = "1.2.3"
[[targets]]
os = "linux"
""",
    "bin/detect": "#!/bin/sh\ntest -f page.txt || exit 100\n",
    # The layer is launch-only: as long as its key stays, its content is left where it is, in the previous image.
    "bin/build": r"""#!/bin/sh
set -eu
layer=$CNB_LAYERS_DIR/server
key=${SERVER_KEY:-one}
if grep -qs "key = \"$key\"" "$layer.toml"; then
    echo "server: kept"
else
    echo "server: installed"
    mkdir -p "$layer/bin" "$layer/env.launch"
    cp "$CNB_BUILDPACK_DIR/serve" "$layer/bin/serve"
    echo "# $key" >> "$layer/bin/serve"
    printf hello > "$layer/env.launch/GREETING.default"
fi
printf '[types]\nlaunch = true\n[metadata]\nkey = "%s"\n' "$key" > "$layer.toml"
cp "$CNB_BUILDPACK_DIR/launch.toml" "$CNB_LAYERS_DIR/launch.toml"
""",
    "launch.toml": """
[[processes]]
type = "web"
command = ["serve"]
args = ["page.txt"]
default = true
[[processes]]
type = "fail"
command = ["serve"]
args = ["absent.txt"]
""",
    "serve": r"""#!/usr/bin/perl
use IO::Socket::INET;
$| = 1;
open(my $file, '<', $ARGV[0]) or die "no page: $ARGV[0]\n";
my $page = <$file>;
my $port = $ENV{PORT} || 8080;
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 5, ReuseAddr => 1) or die "no socket: $!\n";
$SIG{TERM} = sub { print "asked to stop\n"; exit 7 };
while (my $client = $server->accept) {
    my $request = <$client>;
    print "got $request";
    print $client "HTTP/1.0 200 OK\r\nX-User: $<\r\n\r\n$ENV{GREETING}, $page";
    close $client;
}
""",
}


@dataclass(frozen=True, slots=True)
class App:
    """An app that was built twice, and the image's layers after each build."""

    folder: Path
    image: str
    results: tuple[PackResult, PackResult]
    layers: tuple[tuple[str, ...], tuple[str, ...]]


@pytest.fixture(scope="module")
def buildpack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("buildpack")
    for name, text in BUILDPACK.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
        (folder / name).chmod(0o644 if name.endswith(".toml") else 0o755)
    return folder


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    folder.chmod(0o755)
    (folder / "page.txt").write_text("world")
    return folder


@pytest.fixture(scope="module")
def app(platform: Platform, names: Names, buildpack: Path, page: Path) -> App:
    """Build the app twice with the buildpack given at the build."""
    build = PackBuild(page, names.image("twice"), platform.builder, (buildpack,))
    first = platform.build(build)
    layers = inspect_image(build.image).layers
    second = platform.build(build)
    return App(page, build.image, (first, second), (layers, inspect_image(build.image).layers))


def test_an_app_is_built_and_answers_over_http(app: App) -> None:
    """A build gives an image whose default process answers, as the run image's user, with the layer's environment."""
    assert app.results[0].status == 0
    with run_container(app.image) as container:
        response = container.wait_for_http()
        assert (response.status, response.text, response.headers["x-user"]) == (200, "hello, world", "1002")
        assert "got GET / HTTP/1.1" in container.logs()


def test_a_rebuild_reuses_what_did_not_change(app: App) -> None:
    """An absent launch layer whose metadata is kept is reused from the previous image, with the same digest."""
    first, second = app.results
    assert (first.layers("Adding"), first.layers("Reusing")) == (("test/perl-server:server",), ())
    assert (second.layers("Adding"), second.layers("Reusing")) == ((), ("test/perl-server:server",))
    assert "server: installed" in first.output
    assert "server: kept" in second.output
    assert app.layers[0] == app.layers[1]


def test_a_change_reaches_the_image(platform: Platform, names: Names, buildpack: Path, page: Path) -> None:
    """A build variable reaches the buildpack, and what it changes is exported anew; a cleared cache changes nothing."""
    image = names.image("changed")
    for key, clear in (("one", False), ("two", False), ("two", True)):
        build = PackBuild(page, image, platform.builder, (buildpack,), {"SERVER_KEY": key}, clear_cache=clear)
        assert platform.build(build).status == 0
        assert inspect_image(image).layer_metadata == {"test/perl-server:server": {"key": key}}


def test_a_replaced_image_is_removed(platform: Platform, names: Names, buildpack: Path, page: Path) -> None:
    """A rebuild leaves no nameless image behind; one that still has another name stays."""
    image, kept = names.image("replaced"), names.image("kept")
    ids = []
    for key in ("first", "second", "third"):
        # The run is part of the content: equal builds give one image, and a run that was killed leaves its names on it.
        build = PackBuild(page, image, platform.builder, (buildpack,), {"SERVER_KEY": f"{key}-{names.run}"})
        assert platform.build(build).status == 0
        ids.append(inspect_image(image).id)
        if key == "second":
            docker("tag", image, kept)
    assert find_image(ids[0]) is None
    assert inspect_image(ids[1]).names == (kept,)


def test_the_image_is_described(app: App) -> None:
    """Processes, layers, configuration and files of an image can be read without running it."""
    image = inspect_image(app.image)
    assert image.processes == {"fail": ("serve", "absent.txt"), "web": ("serve", "page.txt")}
    assert image.default_process == "web"
    assert image.user == RUN.user
    assert image.env["CNB_LAYERS_DIR"] == "/layers"
    assert image.buildpack_layers["test/perl-server:server"] in image.layers
    with image_files(app.image) as files:
        assert files.getmember("layers/test_perl-server/server/bin/serve").mode & 0o777 == 0o755
    assert find_image("terrarium-test/there-is-none") is None


def test_other_ways_to_start(app: App, page: Path) -> None:
    """Process types, arguments, the environment, a mount and a single command work as with any image."""
    failed = run_once(app.image, options=ContainerOptions(entrypoint="fail"))
    assert (failed.status, failed.output) == (2, "no page: absent.txt\n")
    shell = run_once(app.image, "sh", "-c", "echo $GREETING", options=ContainerOptions(entrypoint="launcher"))
    assert (shell.status, shell.output) == (0, "hello\n")
    options = ContainerOptions(
        env={"GREETING": "bye", "PORT": "9000"}, user="4000:4000", options=("--volume", f"{page}:/pages:ro")
    )
    with run_container(app.image, "/pages/page.txt", options=options) as container:
        response = container.wait_for_http()
        assert (response.text, response.headers["x-user"]) == ("bye, world", "4000")


def test_the_host_network(app: App) -> None:
    """On the machine's own network the app gets a free port and answers there."""
    with run_container(app.image, options=ContainerOptions(network="host")) as container:
        assert container.wait_for_http().text == "hello, world"


def test_a_container_can_be_kept_short(app: App) -> None:
    """Memory, a read-only file system and a scratch directory are as asked."""
    options = ContainerOptions(read_only=True, tmpfs=("/tmp",), memory="64m", cpus=0.5)
    limit = "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes"
    with run_container(app.image, options=options) as container:
        assert container.wait_for_http().status == 200
        assert container.exec("sh", "-c", limit).output == f"{64 * 2**20}\n"
        assert container.exec("touch", "/tmp/here").status == 0
        assert "Read-only file system" in container.exec("touch", "/here").output


def test_a_container_ends_as_asked(app: App) -> None:
    """The app gets TERM and its exit status is known; one that dies is reported with its log; none is left behind."""
    with run_container(app.image) as container:
        container.wait_for_http()
        assert container.stop() == 7
        assert container.logs().endswith("asked to stop\n")
    assert not _exists(container)
    with (
        pytest.raises(DockerFailed, match=r"ended before it answered:\nno page: absent"),
        run_container(app.image, "absent.txt") as container,
    ):
        container.wait_for_http()
    assert not _exists(container)


def test_a_container_that_ends_at_once_is_no_surprise(app: App) -> None:
    """An app that is gone before its port can be asked for is reported with its log, too, and its status is known."""
    options = ContainerOptions(entrypoint="/bin/false")
    with run_container(app.image, options=options) as container:
        assert container.wait() == 1
        with pytest.raises(DockerFailed, match="ended before it answered"):
            replace(container, port=NO_PORT).wait_for_http()


def _exists(container: Container) -> bool:
    return run(["docker", "inspect", container.name]).status == 0


def test_a_builder_can_hold_the_buildpack(platform: Platform, names: Names, buildpack: Path, page: Path) -> None:
    """A builder made with the buildpack needs no other; it is made again only when the buildpack changes."""
    name = names.image("builder")
    assert platform.create_builder(name, (buildpack,)) == name
    made = inspect_image(name).id
    assert platform.build(PackBuild(page, names.image("inside"), name)).status == 0
    platform.create_builder(name, (buildpack,))
    assert inspect_image(name).id == made
    (buildpack / "new-file").write_text("new")
    platform.create_builder(name, (buildpack,))
    assert inspect_image(name).id != made


def test_the_empty_builder_says_what_it_needs(platform: Platform, names: Names, page: Path) -> None:
    """A build with no buildpack at all fails, and its output says how to give one."""
    result = platform.build(PackBuild(page, names.image("nothing"), platform.builder))
    assert result.status == 1
    assert "name one with --buildpack" in result.output


def test_there_is_no_python(platform: Platform) -> None:
    """Neither base image has a Python, so whatever runs in them was brought by the buildpack."""
    for image in (BUILD, RUN):
        with image_files(platform.image(image)) as files:
            programs = [
                PurePath(name).name for name in files.getnames() if PurePath(name).parent.name in {"bin", "lib"}
            ]
        assert "perl" in programs
        assert [name for name in programs if name.startswith(("python", "libpython"))] == []


def test_the_images_trust_what_the_machine_trusts(platform: Platform) -> None:
    """No certificate that the machine trusts is missing from the images."""
    with image_files(platform.image(BUILD)) as files:
        bundle = files.extractfile(BUNDLE)
        assert bundle is not None
        assert foreign_certificates(platform.certificates or b"", bundle.read()) == []


def test_a_run_image_without_a_shell(platform: Platform, names: Names, buildpack: Path, page: Path) -> None:
    """An app whose processes need no shell runs in an image that has none."""
    builder = platform.create_builder(names.image("no-shell-builder"), (buildpack,), run=SHELL_FREE_RUN)
    image = names.image("no-shell")
    assert platform.build(PackBuild(page, image, builder)).status == 0
    assert run_once(image, "sh", "-c", "true", options=ContainerOptions(entrypoint="launcher")).status != 0
    with run_container(image) as container:
        assert container.wait_for_http().text == "hello, world"


def test_what_a_run_made_is_removed(platform: Platform, buildpack: Path, page: Path) -> None:
    """Removing a run's names takes its images and caches away, and nobody else's."""
    mine, other = Names(), Names()
    for names in (mine, other):
        assert platform.build(PackBuild(page, names.image("app"), platform.builder, (buildpack,))).status == 0
    mine.remove_all()
    try:
        assert (find_image(mine.image("app")), _volumes(mine)) == (None, [])
        assert find_image(other.image("app")) is not None
        assert len(_volumes(other)) == 2
    finally:
        other.remove_all()


def _volumes(names: Names) -> list[str]:
    return docker("volume", "ls", "--quiet", "--filter", f"name={names.run}").split()


def test_preparing_again_finds_everything(platform: Platform) -> None:
    """A second preparation, even at the same time in other processes, changes nothing and gives the same platform."""
    program = "from devkit.pack.prepare import prepare_platform; print(prepare_platform().builder)"
    before = read_label(platform.builder, FINGERPRINT_LABEL), inspect_image(platform.builder).id
    others = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert prepare_platform() == platform
    assert [other.communicate()[0] for other in others] == [f"{platform.builder}\n"] * 2
    assert (read_label(platform.builder, FINGERPRINT_LABEL), inspect_image(platform.builder).id) == before
    assert find_engine(platform.cache) == platform.engine
