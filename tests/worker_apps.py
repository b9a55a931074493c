"""Apps of task queues, with brokers that need no server, or Redis."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WorkerApp:
    """A source tree with a task queue."""

    name: str
    requirements: str
    files: Mapping[str, str] = field(hash=False)
    word: str
    """What the command must have."""
    ready: str
    """What the process says when it is."""
    type: str = "worker"


CELERY_FILES = {
    "tasks.py": 'from celery import Celery\n\napp = Celery("jobs", broker="memory://")\n'
    'app.conf.beat_schedule = {"often": {"task": "tasks.work", "schedule": 60.0}}\n\n\n'
    "@app.task\ndef work():\n    return 1\n"
}
WORKERS = (
    WorkerApp("celery", "celery", CELERY_FILES, "celery --app tasks worker", " ready."),
    WorkerApp(
        "rq",
        "rq",
        {
            "queues.py": "import os\n\nfrom redis import Redis\nfrom rq import Queue\n\n"
            'mail = Queue("mail", connection=Redis.from_url(os.environ["REDIS_URL"]))\n'
        },
        "rq worker --url $REDIS_URL mail",
        "Listening on mail",
    ),
    WorkerApp(
        "dramatiq",
        "dramatiq",
        {
            "jobs.py": "import dramatiq\nfrom dramatiq.brokers.stub import StubBroker\n\n"
            "dramatiq.set_broker(StubBroker())\n\n\n@dramatiq.actor\ndef work():\n    return 1\n"
        },
        "dramatiq jobs",
        "Worker process is ready for action",
    ),
    WorkerApp(
        "huey",
        "huey",
        {
            "jobs.py": 'from huey import MemoryHuey\n\nqueue = MemoryHuey("jobs")\n\n\n'
            "@queue.task()\ndef work():\n    return 1\n"
        },
        "huey_consumer jobs.queue",
        "Huey consumer started",
    ),
    WorkerApp(
        "arq",
        "arq",
        {
            "jobs.py": "import os\n\nfrom arq.connections import RedisSettings\n\n\n"
            "async def work(context):\n    return 1\n\n\nclass WorkerSettings:\n    functions = [work]\n"
            '    redis_settings = RedisSettings.from_dsn(os.environ["REDIS_URL"])\n'
        },
        "arq jobs.WorkerSettings",
        "Starting worker for 1 functions",
    ),
)
BEAT = WorkerApp("celery-beat", "celery", CELERY_FILES, "beat --loglevel INFO", "beat: Starting", "beat")
