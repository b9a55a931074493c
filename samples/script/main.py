"""A worker that needs nothing but the standard library: it says that it is alive, and stops on SIGTERM."""

import signal
import sys
import threading

stopped = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopped.set())

print("worker: started on Python", sys.version.split()[0], flush=True)
ticks = 0
while not stopped.wait(1):
    ticks += 1
    print(f"worker: tick {ticks}", flush=True)
print("worker: stopped", flush=True)
