"""What is shown of PDM's own log after a failure."""

from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.package_managers.pdm import reasons_in, without_warning
from python_buildpack.ports.interfaces import Finished

LINE = "unearth: Skipping <Link https://host/a-1.{}-win.whl>: it is not compatible with the target environment\n"
GAVE_UP = "[BuildError]: ValueError: Unable to determine which files to ship inside the wheel\n"


def test_the_last_of_many_lines_are_shown() -> None:
    """PDM says of each file of each version why it is not for this machine."""
    reasons = reasons_in(["".join(map(LINE.format, range(3000))), "nothing\n"])
    assert len(reasons) == 20
    assert "a-1.2999-win.whl" in reasons[-1]


def test_the_reason_why_pdm_gave_up_is_the_cause() -> None:
    """Files that were passed over are none, as long as another one was installed."""
    warning = "WARNING: Lockfile doesn't satisfy the project requirements, packages may be outdated\n"
    output = "".join((*reasons_in([LINE.format(1)]), "\n", warning, GAVE_UP))
    assert explain(Finished(1, output), "pdm.lock", "pdm").code == "lock-out-of-date"
    assert explain(Finished(1, without_warning(output)), "pdm.lock", "pdm").code == "project-layout-unknown"
