"""How a container's first process ends on SIGTERM, when it is a Python program that never thought of that.

The kernel ignores SIGTERM for process 1 unless the process has a handler, and programs run by a plain ``python``,
waitress, Gradio and the development servers have none: the platform would wait its whole grace time and then kill them.
"""

TERMINATION_PTH = (
    "import os, sys, _signal; "
    "os.getpid() == 1 and _signal.getsignal(15) == 0 "
    "and _signal.signal(15, lambda number, frame, end=sys.exit: end(128 + number))\n"
)
"""The content of a ``.pth`` file for the app's site-packages (the ``site`` module runs its line at every start).

Process 1 alone gets a handler that leaves with status 143 as ``sys.exit`` does, so ``finally`` and ``atexit`` run.
Servers with handlers of their own replace it. ``_signal`` is built in: no module file is read.
"""
