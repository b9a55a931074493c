"""What pip's report of a resolution decides."""

from python_buildpack.package_managers.lock_pins import read_pins
from python_buildpack.package_managers.pip_installer import pins_of_report

METADATA = {"name": "Some_Lib", "version": "1.0"}


def test_a_branch_that_moved_on_is_another_resolution() -> None:
    """The version of a package from a URL may stay the same; one from an index is known by its version."""
    by_index = {"metadata": METADATA, "download_info": {"archive_info": {"hashes": {"sha256": "a" * 64}}}}
    by_url = {**by_index, "is_direct": True}
    by_git = {"metadata": METADATA, "is_direct": True, "download_info": {"vcs_info": {"commit_id": "b" * 40}}}
    folder = {"metadata": METADATA, "is_direct": True, "download_info": {"dir_info": {}}}
    lines = [pins_of_report({"install": [item]})[0] for item in (by_index, by_url, by_git, folder)]
    plain = "some-lib==1.0"
    assert lines == [f"{plain}\n", f"{plain} # {'a' * 64}\n", f"{plain} # {'b' * 40}\n", f"{plain}\n"]
    assert all(set(read_pins(line)) == {"some-lib"} for line in lines)
