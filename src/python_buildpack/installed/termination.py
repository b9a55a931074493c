"""Makes a Python program end on SIGTERM when it is the first process of a container and has no handler for it.

The kernel ignores SIGTERM for process 1 if the process has no handler. Plain scripts, waitress, Gradio and the
development servers have none: the platform would wait for its whole grace period and then kill them.
"""

SECONDS_TO_END = 20
"""Less than the 30 seconds that Heroku and Kubernetes wait, and more than a clean end takes."""

TERMINATION_PTH = (
    "import os, sys, time, _signal, _thread; "
    "os.getpid() == 1 and _signal.getsignal(15) == 0 "
    "and _signal.signal(15, lambda number, frame, "
    "end=sys.exit, leave=os._exit, wait=time.sleep, start=_thread.start_new_thread: "
    f"(start(lambda: (wait({SECONDS_TO_END}), leave(128 + number)), ()), end(128 + number)))\n"
)
"""The content of a ``.pth`` file for the app's site-packages (the ``site`` module runs its line at every start).

Only process 1 gets a handler. It calls ``sys.exit`` with status 143, so ``finally`` and ``atexit`` run. That may not
end the process: wsgiref catches all exceptions while it handles a request, and a thread that never ends keeps Python
running. So after SECONDS_TO_END the process is ended with ``os._exit``.
Servers with their own handlers replace it. It imports only modules that are loaded or built in: no file is read.
"""
