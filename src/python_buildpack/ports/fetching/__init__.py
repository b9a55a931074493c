"""The port that downloads: resumes what was cut, tries mirrors in turn, verifies before anybody sees a file."""
