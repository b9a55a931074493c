"""Which sources are worth parsing: that takes 0.3 s for a megabyte, looking for words a tenth of it."""

import re
from collections.abc import Iterator, Mapping

MAX_CHARACTERS = 350_000
"""How much source is parsed, shallow files first. Apps have their entry near the top.

With the longest scan of the tree that comes to 0.4 s, even where every line is a call.
"""

NAMES = frozenset({"wsgi", "asgi", "app", "application", "main", "server", "run", "manage", "settings", "__main__",
                   "celery", "gunicorn.conf"})  # fmt: skip
WORDS = frozenset(
    {
        "Flask", "APIFlask", "OpenAPI", "Eve", "Quart", "FastAPI", "Starlette", "Litestar", "Starlite", "falcon",
        "bottle", "aiohttp", "Sanic", "tornado", "Dash", "streamlit", "gradio", "chainlit", "panel", "celery", "Celery",
        "rq", "dramatiq", "huey", "WorkerSettings", "socketio", "engineio", "a2wsgi", "asgiref", "uvicorn", "waitress",
        "hypercorn", "start_response", "receive", "get_wsgi_application", "get_asgi_application", "ProtocolTypeRouter",
        "WSGI_APPLICATION", "ASGI_APPLICATION", "INSTALLED_APPS", "DJANGO_SETTINGS_MODULE", "beat_schedule",
        "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE", "add_periodic_task", "create_app", "make_app", "build_app",
        "get_app", "create_application", "make_application", "get_application", "init_app", "create_server",
        "create_api", "app_factory",
    }
)  # fmt: skip
"""One of these words is in every file that holds an app, a factory or a queue that we can find."""
WORD = re.compile(r"[A-Za-z_]\w*")
RE_EXPORT = re.compile(r"\bimport\b[(\w, \t]*\bapp(?:lication)?\b")


NEVER = frozenset({"test", "tests", "testing", "doc", "docs", "example", "examples", "benchmark", "benchmarks",
                   "migrations", "fixtures"})  # fmt: skip
"""Folders that hold no app to deploy."""
NEVER_FILES = frozenset({"conftest", "setup", "noxfile", "tests", "fabfile"})
ASIDE = frozenset({"demo", "demos", "sample", "samples", "script", "scripts", "tools", "notebooks", "playground",
                   "scratch", "tutorial", "tutorials", "bin", "dev", "contrib", "vendor", "old", "archive",
                   "legacy", "backup"})  # fmt: skip
"""Folders that hold one only if there is none elsewhere."""


def relevant(sources: Mapping[str, str]) -> Iterator[str]:
    """Yield the paths of the sources to parse, in their order, until MAX_CHARACTERS are reached.

    These are the files in the app directory itself, and below it whatever has one of the words; no tests and examples.
    """
    yield from select(sources)[0]


def select(sources: Mapping[str, str]) -> tuple[tuple[str, ...], str | None]:
    """Return the paths of the sources to parse, and the first that is too much, if there is one."""
    selected: list[str] = []
    left = MAX_CHARACTERS
    for path, text in sources.items():
        if is_never(path) or ("/" in path and not is_usual_name(path) and not _has_word(text)):
            continue
        left -= len(text)
        if left < 0:
            return tuple(selected), path
        selected.append(path)
    return tuple(selected), None


def is_usual_name(path: str) -> bool:
    """Say whether a file is called as those are called that apps begin with."""
    return path.rpartition("/")[2].removesuffix(".py") in NAMES


def _has_word(text: str) -> bool:
    # Taking all words apart is three times as fast as a pattern that looks for each of ours at every place.
    words = set(WORD.findall(text))
    return not WORDS.isdisjoint(words) or ("app" in text and RE_EXPORT.search(text) is not None)


def is_never(path: str) -> bool:
    """Say whether a file is a test, an example or documentation, so that an app in it is not the one to deploy."""
    *folders, file = path.lower().removesuffix(".py").split("/")
    return (
        file in NEVER_FILES
        or file.startswith("test_")
        or file.endswith("_test")
        or any(part in NEVER for part in folders)
    )


def is_aside(path: str) -> bool:
    """Say whether a file stands in a folder of demonstrations or helpers."""
    return any(part in ASIDE for part in path.lower().split("/")[:-1])
