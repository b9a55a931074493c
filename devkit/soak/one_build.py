"""One build in a process of its own, so that it can be killed as a whole: ``python -m devkit.soak.one_build``."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from devkit.lifecycle import Built, Request, build


@dataclass(frozen=True, slots=True)
class Order:
    """What to build; handed over as JSON."""

    buildpack: str
    app: str
    state: str
    home: str
    env: dict[str, str]
    previous_image: bool
    cache: bool

    def text(self) -> str:
        """Return it as the argument of the process."""
        return json.dumps(asdict(self))


def main(order: Order, result: Path) -> None:
    """Build, and write down whether it succeeded, and the log."""
    outcome = build(
        Request(
            (Path(order.buildpack),),
            Path(order.app),
            Path(order.state),
            env=order.env,
            previous_image=order.previous_image,
            cache=order.cache,
            lifecycle_env={"HOME": order.home, "PATH": "/usr/local/bin:/usr/bin:/bin"},
        )
    )
    result.write_text(json.dumps({"built": isinstance(outcome, Built), "log": outcome.log}), encoding="utf-8")


if __name__ == "__main__":
    main(Order(**json.loads(sys.argv[1])), Path(sys.argv[2]))
