"""What is known only when the container starts: the port, and how many workers fit. Runs as an exec.d program.

This is a program of its own: it is copied into the image, and the app's Python runs it there with ``-I -S`` before
every process. So it imports nothing but the built-in ``posix``, works on Python 3.9 and newer, and must neither fail
nor be slow. It writes ``NAME = "value"`` lines to file descriptor 3 (Buildpack spec, "exec.d"), only for variables
that are not set or empty: what the user or the platform sets is kept.
"""

import posix

PORT = "8080"
WORKER_BYTES = 256 * 1024 * 1024
UNLIMITED_BYTES = 1 << 60
"""Control groups of version 1 say "no limit" with a number above this."""
ANY_HOST = "0.0.0.0"  # noqa: S104 - a container is reached from outside

# Written by ./dev refresh docs: begin
VARIABLES = (
    ("GRANIAN_HOST", ANY_HOST),
    ("GRANIAN_PORT", "$PORT"),
    ("GRANIAN_WORKERS", "$WEB_CONCURRENCY"),
    ("UVICORN_HOST", ANY_HOST),
    ("UVICORN_PORT", "$PORT"),
    ("LITESTAR_HOST", ANY_HOST),
    ("LITESTAR_PORT", "$PORT"),
    ("QUART_RUN_HOST", ANY_HOST),
    ("QUART_RUN_PORT", "$PORT"),
    ("FLASK_RUN_HOST", ANY_HOST),
    ("FLASK_RUN_PORT", "$PORT"),
    ("CHAINLIT_HOST", ANY_HOST),
    ("CHAINLIT_PORT", "$PORT"),
    ("STREAMLIT_SERVER_ADDRESS", ANY_HOST),
    ("STREAMLIT_SERVER_PORT", "$PORT"),
    ("STREAMLIT_SERVER_HEADLESS", "true"),
    ("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false"),
    ("GRADIO_SERVER_NAME", ANY_HOST),
    ("GRADIO_SERVER_PORT", "$PORT"),
    ("BOKEH_ALLOW_WS_ORIGIN", "*"),
    ("ROBYN_HOST", ANY_HOST),
    ("ROBYN_PORT", "$PORT"),
    ("FASTMCP_HOST", ANY_HOST),
    ("FASTMCP_PORT", "$PORT"),
)
# Written by ./dev refresh docs: end


def read(path: str) -> str:
    """Return the first line of a file, or "" if there is none."""
    try:
        with open(path) as file:  # noqa: PTH123 - pathlib alone would take longer than the rest of this program
            return file.readline().strip()
    except (OSError, ValueError):
        return ""


def number(text: str) -> "int | None":
    """Return the positive integer in a text, or None."""
    return int(text) if text.isdecimal() and int(text) > 0 else None


def group_folders(root: str, own: str) -> "tuple[list[str], list[str], list[str]]":
    """Return the folders that may have this process's limits: of cgroup version 2; of version 1 for CPU and memory."""
    paths = dict(line.split(":", 2)[1:] for line in own.splitlines() if line.count(":") > 1)
    unified = root + paths.get("", "/").rstrip("/")
    by_controller = {name: path.rstrip("/") for names, path in paths.items() for name in names.split(",")}
    return (
        [unified, root],
        [root + "/cpu" + by_controller.get("cpu", ""), root + "/cpu", root + "/cpu,cpuacct"],
        [root + "/memory" + by_controller.get("memory", ""), root + "/memory"],
    )


def cpu_limit(unified: "list[str]", version1: "list[str]") -> "float | None":
    """Return the limit of CPU time of the control group, in CPUs (a fraction), or None without a limit."""
    for folder in unified:
        first, _, second = read(folder + "/cpu.max").partition(" ")
        quota, period = number(first), number(second)
        if quota and period:
            return quota / period
    for folder in version1:
        quota, period = number(read(folder + "/cpu.cfs_quota_us")), number(read(folder + "/cpu.cfs_period_us"))
        if quota and period:
            return quota / period
    return None


def memory_limit(unified: "list[str]", version1: "list[str]") -> "int | None":
    """Return the memory that the control group may use in bytes, or None without a limit."""
    paths = [folder + "/memory.max" for folder in unified]
    paths += [folder + "/memory.limit_in_bytes" for folder in version1]
    for path in paths:
        limit = number(read(path))
        if limit and limit < UNLIMITED_BYTES:
            return limit
    return None


def machine_memory() -> "int | None":
    """Return the memory of the machine in bytes, or None if it is unknown."""
    name, _, size = read("/proc/meminfo").partition(":")
    kilobytes = number(size.strip().partition(" ")[0])
    return kilobytes * 1024 if name == "MemTotal" and kilobytes else None


def worker_count(cpus: float, memory: "int | None") -> int:
    """Return two workers for each CPU and one more, but at most one for each 256 MB of memory, and at least one."""
    by_cpus = int(2 * cpus + 1)
    return max(1, by_cpus if memory is None else min(by_cpus, memory // WORKER_BYTES))


def own_groups() -> str:
    """Return the text that names this process's control groups."""
    try:
        with open("/proc/self/cgroup") as file:  # noqa: PTH123 - as above
            return file.read()
    except (OSError, ValueError):
        return ""


def variables(environment: "dict[str, str]") -> "dict[str, str]":
    """Return the variables to set, given those that are set."""
    root = environment.get("BPL_CGROUP_ROOT", "") or "/sys/fs/cgroup"
    unified, cpu_folders, memory_folders = group_folders(root, own_groups())
    available = len(posix.sched_getaffinity(0))
    limit = cpu_limit(unified, cpu_folders)
    cpus = min(available, limit) if limit else available
    memories = [size for size in (memory_limit(unified, memory_folders), machine_memory()) if size]
    found = {
        "PORT": PORT,
        "WEB_CONCURRENCY": str(worker_count(cpus, min(memories) if memories else None)),
    }
    if limit and limit < available:
        # From Python 3.13 on, os.cpu_count() returns it, so that pools of workers fit the container.
        found["PYTHON_CPU_COUNT"] = str(max(1, -int(-limit // 1)))
    found.update(
        server_variables(
            environment.get("PORT") or PORT, environment.get("WEB_CONCURRENCY") or found["WEB_CONCURRENCY"]
        )
    )
    return {name: value for name, value in found.items() if not environment.get(name)}


def server_variables(port: str, workers: str) -> "dict[str, str]":
    """Return the variables that make each server listen on the port and accept connections from outside."""
    given = {"$PORT": port, "$WEB_CONCURRENCY": workers}
    return {name: given.get(value, value) for name, value in VARIABLES if value not in given or number(given[value])}


def main() -> None:
    """Write the variables. Values are our own or plain numbers, so TOML needs no escapes."""
    environment = {
        name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in posix.environ.items()
    }
    text = "".join(f'{name} = "{value}"\n' for name, value in variables(environment).items())
    posix.write(3, text.encode())


if __name__ == "__main__":
    main()
