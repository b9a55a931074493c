"""Downloads: resumes what was cut, tries mirrors in turn, verifies before anybody sees a file.

``http`` is the fetcher, ``mirrored`` sends it to other places; the other modules are its parts. ``post`` sends.
"""
