"""The settings that processes read when a container starts: a part of the table in table.py."""

from python_buildpack.settings.setting import SWITCH, Setting

PORT = Setting("PORT", "launch", "8080", "The port that the web process listens on.")
WEB_CONCURRENCY = Setting(
    "WEB_CONCURRENCY",
    "launch",
    "two for each CPU and one more, at most one for every 256 MB of memory",
    "How many worker processes gunicorn and uvicorn start.",
)
SECONDS_TO_END = 25
"""What servers may take from SIGTERM on: less than the 30 that Heroku and Kubernetes give."""

GUNICORN_CMD_ARGS = Setting(
    "GUNICORN_CMD_ARGS",
    "launch",
    f"--worker-tmp-dir /dev/shm --access-logfile - --graceful-timeout {SECONDS_TO_END}",
    "Options for gunicorn. The default keeps its heartbeat files in memory, where a slow disk cannot stall it (from "
    "gunicorn 25.1 on also its control socket, /dev/shm/gunicorn.ctl), and lets it end within the 30 seconds that "
    "platforms wait.",
)
DEBUG_HOST = Setting(
    "BPL_DEBUG_HOST",
    "launch",
    "127.0.0.1",
    "The address that the debugger listens on. For docker run -p it has to be 0.0.0.0; whoever reaches it can run any "
    "code in the container.",
)
DEBUG_PORT = Setting("BPL_DEBUG_PORT", "launch", "5678", "The port that the debugger listens on.")
DEBUG_WAIT = Setting(
    "BPL_DEBUG_WAIT",
    "launch",
    "false",
    "true keeps the process debug from starting the app until a debugger is attached.",
    ("BPL_DEBUG_SUSPEND",),
    values=SWITCH,
)

LAUNCH_SETTINGS: tuple[Setting, ...] = (PORT, WEB_CONCURRENCY, GUNICORN_CMD_ARGS, DEBUG_HOST, DEBUG_PORT, DEBUG_WAIT)
