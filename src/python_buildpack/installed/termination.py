"""How a container's first process ends on SIGTERM, when it is a Python program that never thought of that.

The kernel ignores SIGTERM for process 1 unless the process has a handler, and programs run by a plain ``python``,
waitress, Gradio and the development servers have none: the platform would wait its whole grace time and then kill them.
"""

SECONDS_TO_END = 20
"""Less than the 30 that Heroku and Kubernetes give, and more than a clean end takes."""

TERMINATION_PTH = (
    "import os, sys, time, _signal, _thread; "
    "os.getpid() == 1 and _signal.getsignal(15) == 0 "
    "and _signal.signal(15, lambda number, frame, "
    "end=sys.exit, leave=os._exit, wait=time.sleep, start=_thread.start_new_thread: "
    f"(start(lambda: (wait({SECONDS_TO_END}), leave(128 + number)), ()), end(128 + number)))\n"
)
"""The content of a ``.pth`` file for the app's site-packages (the ``site`` module runs its line at every start).

Process 1 alone gets a handler that leaves with status 143 as ``sys.exit`` does, so ``finally`` and ``atexit`` run.
Some swallow that: wsgiref whatever is raised while it ends a request, and a thread that never ends keeps Python. So
after SECONDS_TO_END the process leaves without further ado.
Servers with handlers of their own replace it. All that is imported is built in: no module file is read.
"""
