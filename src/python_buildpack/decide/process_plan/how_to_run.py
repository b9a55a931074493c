"""How to run an image with Docker, for the end of the log."""

from collections.abc import Sequence

from cnb.launch import Process
from python_buildpack.decide.process_plan.procfile_text import WEB


def how_to_run(processes: Sequence[Process]) -> str:
    """Return the command that runs the image's default process, or its first one, or any program without one. Pure.

    IMAGE stands for the name of the image, which a buildpack does not know (CNB platform specification, exporter). A
    process that is not the default is chosen by ``--entrypoint`` (launcher).
    """
    chosen = next((process for process in processes if process.default), None) or next(iter(processes), None)
    if chosen is None:
        return "docker run --rm IMAGE -- COMMAND; the image has no process"
    options = [] if chosen.default else [f"--entrypoint {chosen.type}"]
    if chosen.type == WEB:
        options.append("-p 8080:8080 -e PORT=8080")
    return " ".join(["docker run --rm", *options, "IMAGE"])
