"""All task queues; of several in one app, the first to yield a type keeps it. A new one is a file and a line here."""

from python_buildpack.decide.processes.interface import TaskQueue
from python_buildpack.decide.processes.workers import arq, celery, dramatiq, huey, rq

TASK_QUEUES: tuple[TaskQueue, ...] = (celery.find, rq.find, dramatiq.find, huey.find, arq.find)
