"""All task queues; of several in one app, the first to yield a type keeps it. A new one is a file and a line here."""

from python_buildpack.decide.processes.workers import arq, celery, dramatiq, huey, rq
from python_buildpack.decide.processes.workers.interface import TaskQueue

TASK_QUEUES: tuple[TaskQueue, ...] = (celery.CELERY, rq.RQ, dramatiq.DRAMATIQ, huey.HUEY, arq.ARQ)
