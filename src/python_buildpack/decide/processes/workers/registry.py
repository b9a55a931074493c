"""All task queues; if several yield a process type, the first one counts. A new one is a file and a line here."""

from python_buildpack.decide.processes.workers import apscheduler, arq, celery, dramatiq, huey, rq, taskiq
from python_buildpack.decide.processes.workers.interface import TaskQueue

TASK_QUEUES: tuple[TaskQueue, ...] = (
    celery.CELERY,
    rq.RQ,
    dramatiq.DRAMATIQ,
    huey.HUEY,
    arq.ARQ,
    taskiq.TASKIQ,
    apscheduler.APSCHEDULER,
)
