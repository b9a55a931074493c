"""The optional record of a build for the platform: durations, sizes, reuse of layers, the code of an error.

It contains nothing of the app's content: no names of files or packages, and no texts of messages.
"""
