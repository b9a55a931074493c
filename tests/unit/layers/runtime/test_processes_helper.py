import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from python_buildpack.installed.termination import TERMINATION_PTH
from python_buildpack.layers.runtime.exec_d_helper import group_folders, worker_count
from python_buildpack.layers.runtime.launch_environment import helper_program

MEGABYTE = 1024 * 1024


def run_helper(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Run the helper as the launcher does: an executable file with a shebang, writing TOML to descriptor 3."""
    program = folder / "helper"
    program.write_text(helper_program(sys.executable), encoding="utf-8")
    program.chmod(0o755)
    script = 'exec "$0" 3>"$1"'
    output = folder / "output.toml"
    subprocess.run(["/bin/sh", "-c", script, str(program), str(output)], env=environment, check=True)
    document: dict[str, str] = tomllib.loads(output.read_text(encoding="utf-8"))
    return document


def write_group(folder: Path, **values: str) -> str:
    for name, value in values.items():
        path = folder / "group" / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value + "\n")
    return str(folder / "group")


def version2(folder: Path, cpus: str, memory: int | str) -> str:
    return write_group(folder, cpu_dot_max=cpus, memory_dot_max=str(memory))


def version1(folder: Path, quota: int, memory: int) -> str:
    return write_group(
        folder,
        cpu__cpu_dot_cfs_quota_us=str(quota),
        cpu__cpu_dot_cfs_period_us="100000",
        memory__memory_dot_limit_in_bytes=str(memory),
    )


def test_port_has_a_default_and_the_servers_follow_it(tmp_path: Path) -> None:
    """PORT is 8080 unless the platform sets it, and every server's own variable has the same value."""
    found = run_helper(tmp_path, {})
    assert found["PORT"] == "8080"
    assert {value for name, value in found.items() if name.endswith("_PORT")} == {"8080"}
    found = run_helper(tmp_path, {"PORT": "5000"})
    assert "PORT" not in found
    assert {value for name, value in found.items() if name.endswith("_PORT")} == {"5000"}


def test_what_the_user_sets_stays(tmp_path: Path) -> None:
    """A variable that is set is never written; an empty one counts as not set."""
    given = {"WEB_CONCURRENCY": "7", "UVICORN_PORT": "1", "STREAMLIT_SERVER_ADDRESS": "::", "PORT": ""}
    found = run_helper(tmp_path, given)
    assert found["PORT"] == "8080"
    assert found["GRANIAN_WORKERS"] == "7"
    assert not {"WEB_CONCURRENCY", "UVICORN_PORT", "STREAMLIT_SERVER_ADDRESS"} & found.keys()


def test_a_port_that_is_no_number_reaches_no_other_variable(tmp_path: Path) -> None:
    """What comes from outside is passed on only if it is a number, so that it cannot break the TOML."""
    found = run_helper(tmp_path, {"PORT": 'x"\n', "WEB_CONCURRENCY": '"'})
    assert not [name for name in found if name.endswith("_PORT")]
    assert "GRANIAN_WORKERS" not in found


@pytest.mark.parametrize(
    ("cpus", "memory", "workers"),
    [
        ("50000 100000", 512 * MEGABYTE, "2"),
        ("100000 100000", 4096 * MEGABYTE, "3"),
        ("100000 100000", 512 * MEGABYTE, "2"),
        ("100000 100000", 128 * MEGABYTE, "1"),
        ("10000 100000", "max", "1"),
    ],
)
def test_workers_follow_control_groups_of_version_2(tmp_path: Path, cpus: str, memory: int, workers: str) -> None:
    """Two workers for each CPU and one more, at most one for every 256 MB, at least one."""
    root = version2(tmp_path, cpus, memory)
    assert run_helper(tmp_path, {"BPL_CGROUP_ROOT": root})["WEB_CONCURRENCY"] == workers


@pytest.mark.parametrize(
    ("quota", "memory", "workers"),
    [(100000, 512 * MEGABYTE, "2"), (50000, 2048 * MEGABYTE, "2"), (100000, 9223372036854771712, "3")],
)
def test_workers_follow_control_groups_of_version_1(tmp_path: Path, quota: int, memory: int, workers: str) -> None:
    """The older files say the same; their number for "no limit" is no limit."""
    root = version1(tmp_path, quota, memory)
    assert run_helper(tmp_path, {"BPL_CGROUP_ROOT": root})["WEB_CONCURRENCY"] == workers


def test_without_limits_the_machine_counts(tmp_path: Path) -> None:
    """Where no limit is set, the CPUs that the process may use and the machine's memory decide."""
    root = version2(tmp_path, "max 100000", "max")
    found = run_helper(tmp_path, {"BPL_CGROUP_ROOT": root})
    assert 1 <= int(found["WEB_CONCURRENCY"]) <= 2 * len(os.sched_getaffinity(0)) + 1
    assert "PYTHON_CPU_COUNT" not in found


@pytest.mark.parametrize("junk", ["", "max", "x y", "-1 100000", "0 0", "\x00", "²³ 100000"])
def test_unreadable_limits_are_no_limits(tmp_path: Path, junk: str) -> None:
    """Whatever stands in the control group's files, the helper succeeds: its failure would keep the container down."""
    root = write_group(tmp_path, cpu_dot_max=junk, memory_dot_max=junk)
    (tmp_path / "group" / "memory.limit_in_bytes").mkdir()
    assert int(run_helper(tmp_path, {"BPL_CGROUP_ROOT": root})["WEB_CONCURRENCY"]) >= 1


def test_a_limit_below_the_machine_is_told_to_python(tmp_path: Path) -> None:
    """PYTHON_CPU_COUNT rounds the CPU limit up, so that pools are sized for the container."""
    root = version2(tmp_path, "30000 100000", "max")
    assert run_helper(tmp_path, {"BPL_CGROUP_ROOT": root})["PYTHON_CPU_COUNT"] == "1"


def test_own_group_goes_before_the_root() -> None:
    """A process that sees the whole hierarchy looks at its own group first."""
    unified, cpu, memory = group_folders("/c", "4:memory:/a/b\n3:cpu,cpuacct:/a\n0::/x/y\nnonsense\n")
    assert unified == ["/c/x/y", "/c"]
    assert cpu[:2] == ["/c/cpu/a", "/c/cpu"]
    assert memory[0] == "/c/memory/a/b"


@pytest.mark.parametrize(("cpus", "memory", "count"), [(0.1, 1, 1), (2, None, 5), (1.5, 10**12, 4)])
def test_worker_count(cpus: float, memory: int | None, count: int) -> None:
    """The count is never below one, and unknown memory sets no bound."""
    assert worker_count(cpus, memory) == count


def test_helper_imports_one_built_in_module_and_runs_on_python_3_9() -> None:
    """The program parses as Python 3.9 and imports nothing that would have to be read from disk."""
    tree = ast.parse(helper_program("/python"), feature_version=(3, 9))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [ast.unparse(node) for node in imports] == ["import posix"]


def test_termination_line_does_nothing_outside_of_process_1() -> None:
    """The line for site-packages is one import line, as the site module wants it, and leaves other processes alone."""
    assert TERMINATION_PTH.startswith("import ")
    assert TERMINATION_PTH.count("\n") == 1
    code = f"import signal\n{TERMINATION_PTH}\nprint(signal.getsignal(signal.SIGTERM).name)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "SIG_DFL\n"
