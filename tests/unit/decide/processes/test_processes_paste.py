"""Files of PasteDeploy that cannot be read."""

from pathlib import Path

from manager_context import write_app
from python_buildpack.app.project import scan
from python_buildpack.decide.process_plan.decide import decide_processes
from python_buildpack.installed.distributions import InstalledDistributions


def test_a_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    """It leads out of the app, is no text, or is a directory: another one makes the app, or none does."""
    outside = tmp_path / "outside.ini"
    outside.write_text("[app:main]\nuse = call:shop:main\n", encoding="utf-8")
    app = write_app(tmp_path / "app", {"app.ini": "[app:main]\nuse = call:shop:main\n"})
    (app / "production.ini").symlink_to(outside)
    (app / "prod.ini").write_bytes(b"[app:main]\nname = \xff\xfe\x00\n")
    (app / "config.ini").mkdir()
    plan = decide_processes(scan(app), InstalledDistributions.declared({"pyramid", "gunicorn"}))
    assert [process.command for process in plan.processes] == [("gunicorn", "--paste", "app.ini")]
