"""The audit: what is asked of OSV's API, what is made of the answers, and what happens without any."""

import json
from typing import Any

import pytest

from cnb.sbom import SbomFormat
from manager_context import Log
from osv_server import JINJA, SAME, Osv, jinja_server, serving
from python_buildpack.audit.audit import Audit, AuditNotPossible, VulnerabilitiesFound
from python_buildpack.audit.findings import group
from python_buildpack.audit.osv import Pin, Query, read_batch, read_record
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.settings.values import Settings

INSTALLED = InstalledDistributions({"jinja2": "2.11.2", "markupsafe": "2.0.1+local", "shop": "1.0", "unknown": None})
LINE = (
    "jinja2 2.11.2: CVE-2020-28493 (GHSA-g3rq-g295-4j3m, PYSEC-2021-66), medium: Regular Expression Denial of Service "
    "(ReDoS) in Jinja2; fixed in 2.11.3"
)


def audited(osv: Osv, log: Log, mode: str = "warn", **more: str) -> dict[str, Any]:
    """Return the documents of an audit by format."""
    env = {"BP_PYTHON_AUDIT": mode, "BP_PYTHON_AUDIT_URL": osv.url, **more}
    found = Audit(Settings(env), {}, "1.0", log).run(INSTALLED, frozenset({"shop"}))
    return {one.format.name: json.loads(one.content) for one in found}


def test_one_vulnerability_of_two_records_is_named_once_with_what_fixes_it() -> None:
    """With all of its names; withdrawn records do not count; the app's own project is nobody else's business."""
    log = Log()
    with serving(jinja_server()) as osv:
        documents = audited(osv, log)
    assert osv.asked == [("jinja2", "2.11.2"), ("markupsafe", "2.0.1")]
    (warning,) = log.warnings
    assert warning.startswith(f"warning: Installed packages have known vulnerabilities: {LINE}\n")
    assert "Ask for jinja2>=2.11.3, and lock again." in warning
    ids = ["CVE-2020-28493", "GHSA-g3rq-g295-4j3m", "PYSEC-2021-66"]
    assert f"fact: vulnerabilities: {[{'ids': ids, 'fixed': '2.11.3'}]}" in log.said
    (vulnerability,) = documents["CYCLONEDX"]["vulnerabilities"]
    assert vulnerability["id"] == "CVE-2020-28493"
    assert [one["id"] for one in vulnerability["references"]] == ["GHSA-g3rq-g295-4j3m", "PYSEC-2021-66"]
    assert vulnerability["affects"] == [{"ref": "pkg:pypi/jinja2@2.11.2"}]
    assert vulnerability["recommendation"] == "Upgrade to 2.11.3 or newer."
    (package,) = documents["SPDX"]["packages"]
    assert package["externalRefs"][1]["referenceType"] == "advisory"
    assert package["externalRefs"][1]["referenceLocator"].endswith("/GHSA-g3rq-g295-4j3m")


def test_a_build_that_allows_none_ends() -> None:
    """The error has the same lines, and what to do."""
    with serving(jinja_server()) as osv, pytest.raises(VulnerabilitiesFound) as raised:
        audited(osv, Log(), "fail")
    assert raised.value.what == LINE
    assert raised.value.cure.startswith("Ask for jinja2>=2.11.3, and lock again.")


@pytest.mark.parametrize("identifier", ["CVE-2020-28493", "pysec-2021-66"])
def test_what_the_user_accepts_is_said_and_does_not_end_the_build(identifier: str) -> None:
    """By any of its names, in any case; the document says so, too."""
    log = Log()
    with serving(jinja_server()) as osv:
        documents = audited(osv, log, "fail", BP_PYTHON_AUDIT_IGNORE=identifier)
    assert log.warnings == []
    assert f"Ignored, because BP_PYTHON_AUDIT_IGNORE names it: {LINE}" in log.said
    (vulnerability,) = documents["CYCLONEDX"]["vulnerabilities"]
    assert vulnerability["analysis"]["state"] == "not_affected"


def test_an_app_without_vulnerabilities_has_documents_that_say_so() -> None:
    """An empty list is not the same as no list: somebody has looked."""
    log = Log()
    with serving(Osv({}, {})) as osv:
        documents = audited(osv, log, "fail")
    assert "No known vulnerabilities" in log.said
    assert documents["CYCLONEDX"]["vulnerabilities"] == []
    assert set(documents) == {SbomFormat.CYCLONEDX.name, SbomFormat.SPDX.name}


@pytest.mark.parametrize(
    ("osv", "why"),
    [
        (Osv({}, {}, status=503), "it answered 503"),
        (Osv({}, {}, status=302), "it answered 302"),
        (Osv({}, {}, body=b"<html>"), "its answer is not JSON"),
        (Osv({}, {}, body=b'{"results": []}'), "its answer is not in the form of OSV's API"),
        (Osv({}, {}, body=b"[" * 100_000), "its answer is nested too deeply"),
        (Osv({}, {}, body=b" " * (17 << 20)), "its answer has more than 16 MB"),
    ],
)
def test_without_an_answer_a_build_goes_on_or_ends_as_the_setting_says(osv: Osv, why: str) -> None:
    """One message, with the reason and without a traceback."""
    log = Log()
    with serving(osv):
        assert audited(osv, log) == {}
        with pytest.raises(AuditNotPossible) as raised:
            audited(osv, Log(), "fail")
    (warning,) = log.warnings
    assert f"{why}. The build goes on without." in warning
    assert why in raised.value.what


def test_a_server_that_is_not_there_is_named_without_a_login() -> None:
    """Nothing listens on the port; the address may have a password."""
    log = Log()
    audited(Osv({}, {}, url="http://me:secret@127.0.0.1:9"), log)
    (warning,) = log.warnings
    assert "127.0.0.1:9" in warning
    assert "secret" not in warning


def test_a_record_that_cannot_be_had_leaves_its_name() -> None:
    """That there is a vulnerability is known by then."""
    log = Log()
    osv = jinja_server()
    osv.vulnerable = {("jinja2", "2.11.2"): ("GHSA-g3rq-g295-4j3m", "GHSA-odd")}
    osv.records = {**osv.records, "GHSA-odd": {"id": 5, "affected": [{"ranges": "?"}], "aliases": [7]}}
    with serving(osv):
        audited(osv, log)
    assert "jinja2 2.11.2: GHSA-odd; no fixed version is known" in log.warnings[0]


def test_records_that_share_any_name_are_one_finding() -> None:
    """Also through a third one, in whichever order they come."""
    pin = Pin("jinja2", "2.11.2")
    third = {"id": "CVE-2020-28493", "aliases": ["GHSA-g3rq-g295-4j3m"]}
    records = [read_record(one, str(one["id"]), pin) for one in (JINJA, SAME, third)]
    for order in (records, records[::-1], [records[1], records[2], records[0]]):
        (finding,) = group({pin: order})
        assert finding.ids == ("CVE-2020-28493", "GHSA-g3rq-g295-4j3m", "PYSEC-2021-66")
        assert finding.fixed == "2.11.3"


@pytest.mark.parametrize(
    "answer", [None, 5, [], {}, {"results": None}, {"results": [1, 2]}, {"results": [{"vulns": 3}]}]
)
def test_answers_of_any_form_are_read_without_a_crash(answer: object) -> None:
    """What has not the form of the API is no answer, or has nothing in it."""
    read = read_batch(answer, [Query(Pin("a", "1"))])
    assert read is None or read == ({}, ())


def test_a_fix_is_higher_than_what_is_installed() -> None:
    """A record lists the fixes of all branches; the next one counts, and no commit does."""
    events = [
        {"introduced": "1"},
        {"fixed": "1.5"},
        {"introduced": "2"},
        {"fixed": "2.3"},
        {"fixed": "oops"},
        {"fixed": 5000 * "9"},
    ]
    record = {"affected": [{"package": {"name": "A_b"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]}
    assert read_record(record, "X", Pin("a-b", "2.1")).fixed == "2.3"
    assert read_record(record, "X", Pin("a-b", "1.0")).fixed == "1.5"
    assert read_record(record, "X", Pin("a-b", "3.0")).fixed == ""
    assert read_record(record, "X", Pin("other", "1.0")).fixed == ""


def test_a_range_of_an_odd_type_has_no_fix() -> None:
    """The type is a text in the schema; a list of them is no reason to end the build."""
    ranges = [{"type": ["ECOSYSTEM"], "events": [{"fixed": "2"}]}]
    record = {"affected": [{"package": {"name": "a"}, "ranges": ranges}]}
    assert read_record(record, "X", Pin("a", "1")).fixed == ""
