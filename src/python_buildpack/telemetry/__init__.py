"""What a platform can learn from a build, if it asks: durations, sizes, cache outcomes, the code of an error.

Never anything of the app's content: no names of files or packages, no text of a message.
"""
