"""Kills a build at every third change of a file that it makes, and looks at what is launched each time.

Run with the buildpack, the app, the state directory and the script of a build that is to replace the image
in the state. Prints, as JSON, what the default process said after each death, and at last after the build that lived.
"""

import itertools
import json
import os
import sys
from pathlib import Path

from devkit.lifecycle import Request, build, launch

DEAD = 9
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "os.utime", "os.chmod", "fcntl.flock"}


def die_after(changes: int) -> None:
    """End this process, without any cleaning up, in place of the change of a file after ``changes`` others."""
    counter = itertools.count(1)

    def hook(event: str, details: tuple[object, ...]) -> None:
        creates = event == "open" and isinstance(details[2], int) and details[2] & os.O_CREAT
        if (event in CHANGES or creates) and next(counter) > changes:
            os._exit(DEAD)

    sys.addaudithook(hook)


def main(buildpack: Path, app: Path, state: Path, script: str) -> None:
    """Die everywhere."""
    said = []
    for changes in itertools.count(step=3):
        child = os.fork()
        if child == 0:
            die_after(changes)
            build(Request((buildpack,), app, state, {"FIRST_BUILD": script}))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        with launch(state) as running:
            running.wait()
            said.append(running.log)
        if status == 0:
            break
        if os.waitstatus_to_exitcode(status) != DEAD:
            sys.exit("the build ended in another way than it was made to")
    sys.stdout.write(json.dumps(said))


main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
