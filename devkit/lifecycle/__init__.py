"""A strict local lifecycle: detect, build, launch as the CNB lifecycle 0.20 does (Platform API 0.14), without Docker.

It shares no code with ``cnb``: it is the second opinion on the contract that our own library is tested against.
"""

from devkit.lifecycle.build import build, detect
from devkit.lifecycle.launch import Container, launch
from devkit.lifecycle.request import Request
from devkit.lifecycle.results import Built, Detected, Failed, NotDetected, Outcome, Status
from devkit.lifecycle.running import Running
from devkit.lifecycle.steps import User

__all__ = [
    "Built",
    "Container",
    "Detected",
    "Failed",
    "NotDetected",
    "Outcome",
    "Request",
    "Running",
    "Status",
    "User",
    "build",
    "detect",
    "launch",
]
