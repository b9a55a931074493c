"""Looks for known vulnerabilities of what is installed, and warns of them or ends the build, as a setting says."""

from collections.abc import Mapping

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from cnb.sbom import Sbom
from python_buildpack.audit.asking import NoAnswer, Osv
from python_buildpack.audit.document import audit_sboms
from python_buildpack.audit.findings import Finding, group
from python_buildpack.audit.osv import Pin
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.ports.certificates import certificate_bundle
from python_buildpack.ports.fetching.http import shown
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.settings.table import AUDIT, AUDIT_IGNORE, AUDIT_URL
from python_buildpack.settings.values import Settings

PUBLIC = "https://api.osv.dev"
"""OSV's own server."""
FAIL = "fail"
OFF = "off"
_MOST_NAMED = 50


class VulnerabilitiesFound(BuildpackError):
    """Installed packages have known vulnerabilities, and ``BP_PYTHON_AUDIT=fail`` allows none."""

    code = "vulnerabilities-found"
    title = "Installed packages have known vulnerabilities"
    remedies = ("variable",)


class AuditNotPossible(BuildpackError):
    """``BP_PYTHON_AUDIT=fail`` asks for an audit, and the server with the vulnerabilities did not answer."""

    code = "audit-not-possible"
    title = "Known vulnerabilities could not be looked up"
    remedies = ("variable",)


@frozen
class Audit:
    """The audit of one build."""

    settings: Settings
    env: Mapping[str, str]
    tool_version: str
    reporter: Reporter

    def run(self, installed: InstalledDistributions, own: frozenset[str]) -> tuple[Sbom, ...]:
        """Return documents with what was found; none if the server did not answer.

        ``own`` are the projects of the app, whose names nobody else needs to know. Raises VulnerabilitiesFound and
        AuditNotPossible, if the setting is to fail.
        """
        self.reporter.heading("Audit")
        pins = _pins(installed, own)
        url = self._url
        try:
            records = Osv(url, certificate_bundle(self.env)).records(pins)
        except NoAnswer as problem:
            self._say_no_answer(url, str(problem))
            return ()
        findings = group(records)
        self.reporter.line(f"{len(pins)} distributions were looked up at {shown(url)}")
        ignored = frozenset(name.upper() for name in self.settings.names(AUDIT_IGNORE))
        counting = tuple(one for one in findings if ignored.isdisjoint(map(str.upper, one.ids)))
        for one in findings:
            if one not in counting:
                self.reporter.line(f"Ignored, because {AUDIT_IGNORE.name} names it: {one.line}")
        self.reporter.fact("vulnerabilities", [{"ids": list(one.ids), "fixed": one.fixed} for one in counting])
        if counting:
            self._say(counting)
        else:
            self.reporter.line("No known vulnerabilities")
        return audit_sboms(findings, ignored, self.tool_version)

    @property
    def _url(self) -> str:
        given = self.settings.get(AUDIT_URL)
        return given.text if given else PUBLIC

    @property
    def _fails(self) -> bool:
        value = self.settings.get(AUDIT)
        return value is not None and value.text.lower() == FAIL

    def _say(self, findings: tuple[Finding, ...]) -> None:
        lines = [one.line for one in findings[:_MOST_NAMED]]
        lines += [f"and {len(findings) - _MOST_NAMED} more"] if len(findings) > _MOST_NAMED else []
        cure = _cure(findings)
        if self._fails:
            raise VulnerabilitiesFound("\n".join(lines), f"{cure} Or set {AUDIT.name}=warn.")
        self.reporter.warning(VulnerabilitiesFound.title, "\n".join([*lines, cure]))

    def _say_no_answer(self, url: str, reason: str) -> None:
        what = f"{shown(url)}: {reason}."
        cure = f"{AUDIT_URL.name} names another server with OSV's API. Proxies and certificates are those of the build."
        if self._fails:
            raise AuditNotPossible(what, f"{cure} {AUDIT.name}=warn builds the image nevertheless.")
        self.reporter.warning(AuditNotPossible.title, f"{what} The build goes on without. {cure}")


def _pins(installed: InstalledDistributions, own: frozenset[str]) -> tuple[Pin, ...]:
    pins = ((name, installed.version(name)) for name in sorted(installed.names - own))
    # A local version (PEP 440) is of a build, and the vulnerabilities are those of the version.
    return tuple(Pin(name, version.partition("+")[0]) for name, version in pins if version)


def _cure(findings: tuple[Finding, ...]) -> str:
    """Return what to do: the versions that fix what can be fixed, the highest one of each distribution."""
    from packaging.version import Version  # noqa: PLC0415 - builds without findings need none

    highest: dict[str, Version] = {}
    for one in findings:
        if one.fixed:
            highest[one.pin.name] = max(highest.get(one.pin.name, Version(one.fixed)), Version(one.fixed))
    wanted = ", ".join(f"{name}>={version}" for name, version in sorted(highest.items()))
    ignore = f"What does not concern the app can be named in {AUDIT_IGNORE.name}."
    return f"Ask for {wanted}, and lock again. {ignore}" if wanted else ignore
