"""What the benchmark decides and computes: locks, phases, ratios, the page; and the index that it serves."""

import http.client
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest

from devkit.bench.apps import app_names, by_each_manager, direct_pins, read_app, write_sources
from devkit.bench.bandwidth import Bandwidth
from devkit.bench.fleet import FEWEST, compare_layers, random_apps
from devkit.bench.growth import TinyApp
from devkit.bench.image_layers import new_bytes, read_saved
from devkit.bench.index import Downloads, serve
from devkit.bench.locks import blocks, versions, with_requirement
from devkit.bench.machine_state import check_quiet, processor_ticks, read_required, taken_by_host
from devkit.bench.managers import Pins, write_project
from devkit.bench.model import (
    FLOOR,
    NAIVE,
    OURS,
    SCENARIOS,
    Cell,
    Extra,
    FleetApp,
    Point,
    Published,
    Report,
    Start,
    Variant,
    from_json,
    to_json,
)
from devkit.bench.more_tables import plain_lines
from devkit.bench.page import benchmark_pages
from devkit.bench.phases import measure_phases, median_phases
from devkit.bench.publish import Storage
from devkit.bench.results import merge_reports, newest_figures, result_file, write_report
from devkit.bench.rounds import in_turn, scenarios_of
from devkit.bench.states import CACHE_KINDS, Slot
from devkit.bench.stock import Lock, missing
from devkit.bench.table import RIVALS, app_rows, plain_table
from devkit.errors import DevkitError

LOCK = "a==1 \\\n    --hash=sha256:1\nb-c==2.0 \\\n    --hash=sha256:2 \\\n    --hash=sha256:3\n"


def report(**changes: object) -> Report:
    """Return a report of one app with two scenarios, ours failing in a third."""
    cells = (
        Cell(
            "small",
            "first build",
            OURS,
            (4.0, 2.0, 3.0),
            {"before": 0.5, "building": 2.5},
            50,
            {"app": 1, "python": 49},
        ),
        Cell("small", "first build", FLOOR, (1.0, 2.0, 1.5), {"before": 0.5}, 50),
        Cell("small", "nothing changed", OURS, (1.0,), new_bytes=2_500_000),
        Cell("small", "nothing changed", NAIVE, (4.0,), new_bytes=40_000_000),
        Cell("small", "cache lost", OURS, (), failure="no"),
    )
    environment = {"date": "2026-11-23 01:02 UTC", "machine": "two cores"}
    published = (
        Published("small", "first build", "image", OURS, (9.0,), 50_000_000, 1_000_000),
        Published("small", "first build", "image", FLOOR, (7.5,), 50_000_000, 500_000),
    )
    fleet = (FleetApp("app-1", ("a",), 60_000_000, 60_000_000, 20_000_000),)
    changes = {"cells": cells, "published": published, "fleet": fleet, **changes}
    whole = {"extras": (Extra("detect", "Python", 40.0, "ms"),), "growth": (Point(5, OURS, 1.0), Point(9, OURS, 2.0))}
    return Report(environment, 3, **{**whole, **changes})  # type: ignore[arg-type]


def test_one_requirement_of_a_lock_changes_and_no_other() -> None:
    """A requirement takes the place of the one of its name, with all its hashes, or is added in the order."""
    changed = with_requirement(LOCK, "b-c==3 \\\n    --hash=sha256:9\n")
    assert blocks(changed) == {"a": blocks(LOCK)["a"], "b-c": "b-c==3 \\\n    --hash=sha256:9\n"}
    assert versions(with_requirement(LOCK, "aa==5 --hash=sha256:5\n")) == {"a": "1", "aa": "5", "b-c": "2.0"}
    assert with_requirement(LOCK, "") == LOCK


@pytest.mark.parametrize("name", app_names())
def test_an_app_of_the_benchmark_is_complete(name: str, tmp_path: Path) -> None:
    """Every pin has hashes, no lock names a host, and each variant differs from the base as its name says."""
    app = read_app(name)
    locks = {variant: app.lock(variant) for variant in Variant}
    assert all("--hash=sha256:" in block for lock in locks.values() for block in blocks(lock).values())
    assert not any("://" in lock for lock in locks.values())
    base, changed, added = (versions(locks[variant]) for variant in (Variant.BASE, Variant.CHANGED, Variant.ADDED))
    assert len(base.items() - changed.items()) == 1
    assert base.keys() == changed.keys()
    assert (len(added) - len(base), base.items() <= added.items()) == (1, True)
    plain, edited = (write_sources(app, v, "3.13.0", tmp_path / v.name) for v in (Variant.BASE, Variant.CODE))
    differing = [
        path for path in plain.rglob("*.py") if path.read_bytes() != (edited / path.relative_to(plain)).read_bytes()
    ]
    assert [str(path.relative_to(plain)) for path in differing] == [app.edited]


def test_a_project_requires_its_direct_dependencies_only() -> None:
    """Those in direct.txt and what a variant adds; the lock has the rest. Without direct.txt, all of it is direct."""
    monorepo, small = read_app("monorepo"), read_app("small")
    direct = direct_pins(monorepo, Variant.ADDED)
    (added,) = versions(monorepo.lock(Variant.ADDED)).keys() - versions(monorepo.lock()).keys()
    assert {"flask", added} <= direct.keys()
    assert "amqp" in versions(monorepo.lock())
    assert "amqp" not in direct
    assert direct_pins(small, Variant.BASE) == versions(small.lock())


@pytest.mark.parametrize("name", by_each_manager("small"))
def test_an_app_is_the_same_for_each_manager(name: str, tmp_path: Path) -> None:
    """Each has the app's pins in files of its own, locked by its own tool from the given index, and no others."""
    app = read_app(name)
    manager = name.rpartition("-")[2]
    assert (app.manager, app.lock()) == (manager, read_app("small").lock())
    if manager not in {"uv", "pylock"}:
        # The other tools are started by the measurement itself; each start takes seconds.
        return
    wheels, pythons = tmp_path / "wheels", tmp_path / "python"
    pythons.mkdir()
    wheels.mkdir()
    TinyApp(tmp_path / "tiny", 1).write(wheels)
    source = tmp_path / "source"
    source.mkdir()
    (source / "requirements.txt").write_text("tiny-0==1.0\n")
    with serve(Downloads((wheels,), pythons), Bandwidth(1e9)) as address:
        pins = Pins({"tiny-0": "1.0"}, "{}.{}".format(*sys.version_info), Path(sys.executable), f"{address}/simple/")
        write_project(manager, pins, source, tmp_path / "work")
    expected = {"uv": {"pyproject.toml", "uv.lock"}, "pylock": {"pylock.toml"}}[manager]
    assert {path.name for path in source.iterdir()} == expected
    assert any('name = "tiny-0"' in path.read_text() for path in source.iterdir())


def test_a_log_is_divided_by_phases_and_headings() -> None:
    """The lifecycle's phases, our own headings below BUILDING, and a Dockerfile's steps; the parts are the whole."""
    lines = [
        (1.0, "===> RESTORING"),
        (2.0, "===> BUILDING"),
        (2.0, "[Python] 3.13"),
        (5.0, "[Dependencies] uv"),
        (5.5, "x"),
    ]
    phases = measure_phases([*lines, (7.0, "===> EXPORTING"), (7.5, "[Python] not ours")], 9.0)
    expected = {
        "before": 1.0,
        "restoring": 1.0,
        "building": 0.0,
        "building: Python": 3.0,
        "building: Dependencies": 2.0,
    }
    assert phases == {**expected, "exporting": 2.0}
    steps = [(0.2, "Step 1/2 : FROM base"), (0.5, "Step 2/2 : RUN pip install")]
    assert measure_phases(steps, 2.0) == {"before": 0.2, "FROM base": 0.3, "RUN pip": 1.5}
    assert median_phases([{"a": 1.0}, {"a": 3.0, "b": 2.0}, {"a": 2.0}]) == {"a": 2.0, "b": 0.0}


def test_bandwidth_is_shared_and_kept() -> None:
    """Two who send at once wait for each other; a pause is not saved up for a long burst."""
    now = [100.0]
    line = Bandwidth(1000.0, lambda: now[0])
    line.reserve(50)  # what may be sent at once
    assert [line.reserve(500), line.reserve(500)] == pytest.approx([0.5, 1.0])
    now[0] += 60
    assert line.reserve(1000) == pytest.approx(0.95)


def test_the_index_has_metadata_cache_headers_and_a_bandwidth(tmp_path: Path) -> None:
    """A wheel is found from its project's page, with its metadata; who has it already gets no content again."""
    wheels, pythons = tmp_path / "wheels", tmp_path / "python"
    wheels.mkdir()
    pythons.mkdir()
    (pythons / "inventory.toml").write_text("here")
    TinyApp(tmp_path / "app", 1).write(wheels)
    with serve(Downloads((wheels,), pythons), Bandwidth(1e9)) as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)

        def get(path: str, **headers: str) -> tuple[int, bytes, str | None, str | None]:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers["ETag"], answer.headers["Cache-Control"]

        status, page, _, lasting = get("/simple/Tiny_0/")
        assert (status, lasting) == (200, "max-age=600, public")
        assert b"/files/tiny_0-1.0-py3-none-any.whl#sha256=" in page
        assert get("/files/tiny_0-1.0-py3-none-any.whl.metadata")[1].startswith(b"Metadata-Version: 2.1\nName: tiny-0")
        _, wheel, tag, _ = get("/files/tiny_0-1.0-py3-none-any.whl")
        assert wheel == (wheels / "tiny_0-1.0-py3-none-any.whl").read_bytes()
        headers = {"If-None-Match": tag or ""}
        assert get("/files/tiny_0-1.0-py3-none-any.whl", **headers)[:2] == (304, b"")
        assert get("/python/inventory.toml")[1] == b"here"
        assert get("/simple/nothing/")[0] == 404
        connection.close()


def test_only_what_is_missing_is_fetched(tmp_path: Path) -> None:
    """A release among the downloads, as a wheel or as an sdist, is there; another version of it is not."""
    for name in ("a-1-py3-none-any.whl", "b_c-2.0.tar.gz"):
        (tmp_path / name).touch()
    assert missing(Lock(LOCK), tmp_path) == []
    assert missing(Lock(with_requirement(LOCK, "a==2 --hash=sha256:1\n")), tmp_path) == ["a"]


def saved(*files: tuple[str, bytes | str]) -> IO[bytes]:
    """Return a tar stream of files, and of links where the content is text."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                tar.addfile(entry)
            else:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    stream.seek(0)
    return stream


def test_layers_are_measured_in_their_order() -> None:
    """Sizes follow the manifest, and a layer that is there twice is measured twice."""
    manifest = json.dumps([{"Layers": ["two/layer.tar", "one/layer.tar", "three/layer.tar"]}]).encode()
    files = ("one/layer.tar", b"1"), ("two/layer.tar", b"22"), ("three/layer.tar", "../one/layer.tar")
    assert read_saved(saved(*files, ("manifest.json", manifest))) == [2, 1, 1]
    assert new_bytes(["x"], {"x": 5, "y": 7, "z": 1}) == 8


def test_the_first_build_is_always_run_and_everybody_goes_first_once() -> None:
    """All other scenarios start from what the first build left; the order of the rivals turns with the rounds."""
    lost = SCENARIOS[-1]
    assert scenarios_of([lost]) == (SCENARIOS[0], lost)
    assert scenarios_of([lost], 1) == (SCENARIOS[0], lost), "what it left was lost"
    assert scenarios_of([SCENARIOS[1]], 1) == (SCENARIOS[1],), "what it left is still there"
    assert (SCENARIOS[0].start, lost.start) == (Start.NOTHING, Start.NO_IMAGE)
    orders = [in_turn("abc", number) for number in range(4)]
    assert ["".join(order) for order in orders] == ["abc", "bca", "cab", "abc"]


def test_a_busy_machine_is_noticed() -> None:
    """Load that leaves no core free makes figures noise."""
    assert check_quiet(0.4, 2) is None
    assert "load is 1.5" in (check_quiet(1.5, 2) or "")
    assert read_required("require (\n\texample.org/x v1.2.3\n)", "example.org/x") == "v1.2.3"


def test_what_the_host_takes_is_told() -> None:
    """Steal is the eighth figure, and the two after it are counted in others already."""
    before = processor_ticks("cpu 10 0 10 60 0 0 0 20 9 9\ncpu0 1 1 1 1\n")
    assert before == (100, 20)
    assert taken_by_host(before, processor_ticks("cpu 60 0 30 70 5 5 0 30 99 9\n")) == "10% of the processors' time"
    assert processor_ticks()[0] > processor_ticks()[1] >= 0


def test_ratios_are_of_medians() -> None:
    """Ours over each rival; what was not run or failed leaves its place empty or says so."""
    assert report().ratio("small", "first build", FLOOR) == 2.0
    assert report().ratio("small", "cache lost", FLOOR) is None
    first, unchanged, lost = app_rows(report(), "small")
    assert first == ("first build", "3.00 s", "1.50 s", "", "2.00", "", "0.0", "")
    assert unchanged == ("nothing changed", "1.00 s", "", "4.00 s", "", "0.25", "2.5", "40.0")
    assert lost[:2] == ("cache lost", "failed")
    assert "nothing changed  1.00 s" in plain_table(report(), "small")


def test_a_report_survives_being_a_file(tmp_path: Path) -> None:
    """What is written is read again; anything else is refused with its name."""
    only = report()
    write_report(only, tmp_path / result_file(only).name)
    found = newest_figures(tmp_path)
    assert found is not None
    assert found.cells == only.cells
    assert from_json(to_json(only)) == only
    assert newest_figures(tmp_path / "none") is None
    (tmp_path / "2027.json").write_text("{}")
    with pytest.raises(DevkitError, match=r"2027\.json is not a report"):
        newest_figures(tmp_path)


def test_a_run_replaces_what_it_measured_and_nothing_else() -> None:
    """A row is of one run, the newest that had it; what a later run left out stays, with its date."""
    first = report()
    again = Report({"date": "2027-01-01 00:00 UTC"}, 3, (Cell("small", "nothing changed", OURS, (7.0,)),))

    merged = merge_reports([first, again])

    assert merged.find("small", "nothing changed", OURS) == again.cells[0]
    assert merged.find("small", "nothing changed", NAIVE) is None, "a ratio of two runs"
    assert merged.find("small", "first build", OURS) == first.find("small", "first build", OURS)
    assert (merged.growth, merged.extras) == (first.growth, first.extras)
    assert merged.measured["small", "nothing changed"].startswith("2027-01-01")
    assert "2027-01-01 00:00 UTC, rounds: 3: nothing changed." in benchmark_pages(merged)["docs/benchmarks.md"]


def test_managers_registry_and_fleet_have_tables_of_their_own() -> None:
    """What a dependency costs above an unchanged build; what is above the floor, and bytes; what a fleet stores."""
    cells = [
        Cell("small-by-pdm", scenario, rival, (seconds,))
        for scenario, rival, seconds in (
            ("first build", OURS, 6.0),
            ("first build", FLOOR, 3.0),
            ("nothing changed", OURS, 1.5),
            ("dependency changed", OURS, 4.0),
            ("dependency changed", FLOOR, 2.0),
        )
    ]
    measured = dict.fromkeys([("small-by-pdm", "first build"), ("small-by-pdm", "nothing changed")], "today")
    page = benchmark_pages(report(cells=tuple(cells), measured=measured))["docs/benchmarks.md"]
    assert "## By package manager: small" in page
    assert "| pdm | 6.00 s | 3.00 s | 1.50 s | failed | 4.00 s | 2.00 s | 2.50 s | 2.00 | 2.00 |" in page
    assert "| first build | image | 9.00 s | 7.50 s | 1.50 s | 50.0 | 1.0 | 0.5 |" in page
    assert "| 1 | 60 | 60 | 100% | 20.0 | 60.0 |" in page
    assert "## small: Flask" not in page, "it has a table by manager"
    assert any(line.startswith("first build  image") for line in plain_lines(report()))


def test_a_fleet_shares_equal_layers() -> None:
    """An app's growth depends on those before it, and its own bytes on all; a larger fleet begins as a smaller one."""
    few, more = random_apps({f"p{number}": "1" for number in range(20)}, 3), random_apps(dict.fromkeys("abcd", "2"), 5)
    assert few == random_apps({f"p{number}": "1" for number in range(20)}, 9)[:3]
    assert all(FEWEST <= len(app.requires) <= 4 for app in more)
    python, own = {"python": 40}, {"x": 5, "y": 7}
    found = compare_layers(few, [{**python, "x": 5}, {**python, **own}, {**python, "z": 1}])
    assert [(app.size, app.new, app.own) for app in found] == [(45, 45, 0), (52, 7, 7), (41, 1, 1)]


def test_a_registry_gets_back_what_it_had(tmp_path: Path) -> None:
    """What was added since is gone, what was overwritten is as it was, and bytes are counted by the registry's log."""
    images, log, kept = tmp_path / "images", tmp_path / "log", tmp_path / "kept"
    blob = images / "docker/registry/v2/blobs/sha256/aa/aa01/data"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"b" * 100_000)
    (images / "link").write_text("first")
    log.write_text('"GET /v2/a/blobs/sha256:1 HTTP/1.1" 200 7 "" ""\n')
    storage = Storage(images, log, kept)
    storage.keep("first")
    position = storage.position()
    (images / "link").write_text("second")
    (blob.parents[1] / "bb01").mkdir()
    (blob.parents[1] / "bb01" / "data").write_bytes(b"new")
    with log.open("a") as stream:
        stream.write('"HEAD /v2/a/blobs/sha256:2 HTTP/1.1" 200 90 ""\n"GET /v2/a/blobs/sha256:2 HTTP/1.1" 200 30 ""\n')
    assert (storage.stored(), storage.pulled(position)) == (100_003, 30)
    storage.put_back("first")
    assert (storage.stored(), (images / "link").read_text()) == (100_000, "first")


def test_the_page_is_the_same_for_the_same_report() -> None:
    """The docs' page has the tables, the parts of the first build and plots; nothing in it is left to chance."""
    pages = benchmark_pages(report())
    assert pages == benchmark_pages(report())
    assert set(pages) == {
        "docs/benchmarks.md",
        "docs/benchmarks-first-build.svg",
        "docs/benchmarks-growth.svg",
        "docs/benchmarks-nothing-changed.svg",
    }
    page = pages["docs/benchmarks.md"]
    assert "| first build | 3.00 s | 1.50 s |" in page
    assert "| building | 2.50 s |  |" in page
    assert "| detect: Python | 40 ms |" in page
    assert "| 9 | 2.00 s |" in page
    assert "<svg" in pages["docs/benchmarks-growth.svg"]
    for plot in (text for path, text in pages.items() if path.endswith(".svg")):
        assert "<script" not in plot
        # A comment of the library names the day, and the page would be out of step on the next.
        assert "<!--" not in plot


def test_pack_keeps_the_names_of_volumes() -> None:
    """Pack writes c_o_m for com, as in compile; what was put back under the old name would meet no build."""
    names = [
        Slot("0a1b2c", app, rival, "helper").volume(kind)
        for app in app_names()
        for rival in RIVALS
        for kind in CACHE_KINDS
    ]
    assert len(set(names)) == len(names)
    assert Slot("0a1b2c", "small-by-uv", "Dockerfile with uv", "helper").image == (
        "terrarium-bench/0a1b2c-small-by-uv-dockerfile-with-uv:latest"
    )
    assert not [name for name in names for part in ("aux", "com", "con", "lpt", "nul", "prn") if part in name]
