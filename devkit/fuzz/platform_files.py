"""What the platform hands in: bindings, settings and other variables, plans, and what earlier builds left."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hypothesis import strategies as st

from cnb.buildpack_plan import read_buildpack_plan
from cnb.context import read_build_context, read_detect_context
from cnb.layer_env import read_layer_env
from cnb.layer_metadata import read_record
from cnb.platform import read_platform
from cnb.store import read_store
from devkit.fuzz.app_files import TODAY, inventory, read_app_with
from devkit.fuzz.damage import damaged, damaged_text, shaped_toml
from devkit.fuzz.seeds import CERTIFICATE, NETRC, PIP_CONF, URLS
from devkit.fuzz.target import Files, Target
from devkit.paths import CHECKOUT
from python_buildpack.app.project import scan
from python_buildpack.decide.decide import decide
from python_buildpack.decide.python import PREVIOUS_MINOR, DecisionInputs
from python_buildpack.interpreters.inventory import parse_inventory
from python_buildpack.package_managers.registry import NO_SETTINGS
from python_buildpack.platform.bindings.apply import applied_bindings
from python_buildpack.platform.bindings.read import read_bindings
from python_buildpack.platform.bindings.registry import BINDING_TYPES
from python_buildpack.platform.variables import check_environment, usable_environment
from python_buildpack.ports.certificates import combine_certificates
from python_buildpack.secrets.credentials import credentials_in_platform, credentials_in_variables
from python_buildpack.settings.table import SETTINGS
from python_buildpack.settings.unknown import foreign, unknown
from python_buildpack.settings.values import Settings
from python_buildpack.telemetry.otlp import read_collector

_TEXTS = (*URLS, *NETRC, *PIP_CONF, *CERTIFICATE, 'default = "3.14"\n', "pypi.org=https://m/x", "true", "a")
_NETWORK_VARIABLES = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "PDM_PYPI_URL"),
    *("UV_INDEX_A_USERNAME", "POETRY_REPOSITORIES_A_URL", "POETRY_HTTP_BASIC_A_PASSWORD", "GIT_CONFIG_COUNT"),
    *("HTTPS_PROXY", "NO_PROXY", "BP_DEPENDENCY_MIRROR", "BP_DEPENDENCY_MIRROR_PYPI_ORG", "SOME_TOKEN"),
)
_TELEMETRY_VARIABLES = (
    *("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"),
    *("OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_PROTOCOL", "TRACEPARENT"),
)
_TELEMETRY_TEXTS = ("https://h:4318", "a=b,c=%20d", f"00-{'a' * 32}-{'b' * 16}-01", "http/json", "x")
_SETTING_TEXTS = ("3.12", "x", "-", "requirements.txt", "../x", "uv,poetry", "true", "3.x", "pip", "a b")
_RECORD_KEYS = (
    *("types", "launch", "metadata", "key", "content", "entries", "name", "version", "default", "interpreters"),
    "build",
    *("os", "arch", "libc", "variant", "url", "sha256", "api", "buildpack", "id", "targets", "distros", "sbom-formats"),
    *(PREVIOUS_MINOR, "clear-env"),
)


def platform_targets() -> Iterator[Target]:
    """Yield a target for everything that comes from the platform."""
    for kind in BINDING_TYPES:
        yield Target(f"binding {kind.name}", _binding(kind.name, kind.entries), _read_bindings)
    yield Target("pip.conf and netrc", _network(), _read_network)
    yield Target("telemetry variables", _variables(_TELEMETRY_VARIABLES, _TELEMETRY_TEXTS), _read_telemetry)
    yield Target("settings", _variables([one.name for one in SETTINGS], _SETTING_TEXTS), _read_settings)
    for name, (text, read) in _RECORDS.items():
        yield Target(name, st.fixed_dictionaries({name: damaged([text.encode()])}), read)
        yield Target(f"{name}, valid values", st.fixed_dictionaries({name: shaped_toml(_RECORD_KEYS)}), read)
    folders = st.sampled_from(("env", "env.build", "env.launch", "env.launch/web"))
    names = st.sampled_from(("PATH", "PATH.prepend", "PATH.delim", "A.override", "A.default", "A.x", ".append"))
    files = st.dictionaries(st.tuples(folders, names).map("/".join), damaged([b"/x/bin"]), max_size=4)
    yield Target("environment files of a layer", files, read_layer_env)


def _binding(kind: str, entries: frozenset[str] | None) -> st.SearchStrategy[Files]:
    names = sorted(entries) if entries else ["default", "a" * 64, f"sha256:{'a' * 64}", "uri"]
    some = {f"bindings/one/{name}": damaged([text.encode() for text in _TEXTS]) for name in names}
    return st.fixed_dictionaries({"bindings/one/type": st.just(kind.encode())}, optional=some)


def _variables(names: list[str] | tuple[str, ...], texts: tuple[str, ...]) -> st.SearchStrategy[Files]:
    values = damaged_text(texts).map(lambda text: text.encode("utf-8", "surrogateescape"))
    return st.dictionaries(st.sampled_from(names).map(lambda name: f"env/{name}"), values, min_size=1, max_size=4)


def _network() -> st.SearchStrategy[Files]:
    files = {
        "pip.conf": damaged([text.encode() for text in PIP_CONF]),
        "netrc": damaged([text.encode() for text in NETRC]),
        "ca.pem": damaged([text.encode() for text in CERTIFICATE]),
    }
    parts = st.tuples(st.fixed_dictionaries({}, optional=files), _variables(_NETWORK_VARIABLES, URLS))
    return parts.map(lambda drawn: {**drawn[0], **drawn[1]})


def _environment(root: Path) -> dict[str, str]:
    folder = root / "env"
    paths = folder.iterdir() if folder.is_dir() else ()
    return {path.name: path.read_bytes().decode("utf-8", "surrogateescape") for path in paths}


def _read_bindings(root: Path) -> None:
    platform = read_platform(root, {})
    list(credentials_in_platform(platform))
    found = read_bindings(platform.bindings)
    assert all(binding.summary for binding in found)  # noqa: S101 - to have it made
    (root / "layers").mkdir()
    with applied_bindings(found, {"HOME": str(root)}, root / "layers") as (env, _):
        list(credentials_in_variables(env))


def _read_network(root: Path) -> None:
    env = {
        **_environment(root),
        "PIP_CONFIG_FILE": str(root / "pip.conf"),
        "NETRC": str(root / "netrc"),
        "HOME": str(root),
        "SSL_CERT_FILE": str(root / "ca.pem"),
    }
    (root / "layers").mkdir()
    with applied_bindings((), env, root / "layers") as (whole, _):
        list(credentials_in_variables(whole))
        combine_certificates(whole, ["more"])


def _read_telemetry(root: Path) -> None:
    read_collector(_environment(root))


def _read_settings(root: Path) -> None:
    env = _environment(root)
    usable_environment(env)
    check_environment(env)
    tuple(unknown(env))
    tuple(foreign(env))
    (root / "requirements.txt").write_text("flask==3.0\n", encoding="utf-8")
    settings = Settings(env)
    for setting in SETTINGS:
        settings.names(setting)
        settings.is_on(setting, default=False)
    read_app_with(root, settings)


def _read_store(root: Path) -> None:
    decide(scan(root), NO_SETTINGS, DecisionInputs("amd64", inventory(), TODAY, read_store(root)))


def _read_contexts(root: Path) -> None:
    (root / "empty.toml").touch()
    files = dict.fromkeys(("CNB_BP_PLAN_PATH", "CNB_BUILD_PLAN_PATH"), str(root / "empty.toml"))
    folders = dict.fromkeys(("CNB_BUILDPACK_DIR", "CNB_LAYERS_DIR", "CNB_PLATFORM_DIR"), str(root))
    env = {**files, **folders, "CNB_TARGET_OS": "linux", "CNB_TARGET_ARCH": "amd64"}
    read_detect_context(env, (), root)
    read_build_context(env, (), root)


_RECORDS: Mapping[str, tuple[str, Callable[[Path], object]]] = {
    "layer.toml": (
        '[types]\nlaunch=true\n[metadata.key]\nversion="1"\nn=3.0\n[metadata.content]\na="b"\n',
        lambda root: read_record((root / "layer.toml").read_bytes(), root / "layer.toml"),
    ),
    "store.toml": ('[metadata]\npython-minor="3.12"\n', _read_store),
    "plan.toml": (
        '[[entries]]\nname="python"\n[entries.metadata]\nversion="3"\nbuild=true\n',
        lambda root: read_buildpack_plan(root / "plan.toml"),
    ),
    "inventory.toml": (
        "\n".join((CHECKOUT / "inventory.toml").read_text(encoding="utf-8").split("\n")[:35]),
        lambda root: parse_inventory((root / "inventory.toml").read_bytes(), "inventory.toml"),
    ),
    "buildpack.toml": (
        (CHECKOUT / "buildpack.toml").read_text(encoding="utf-8"),
        _read_contexts,
    ),
}
