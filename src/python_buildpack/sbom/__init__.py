"""Bills of materials: what is really in each layer, read from the installed files and the interpreter itself.

Facts are read at the rim (``distributions``, ``interpreter``) into the values of ``bill``; all else is pure, and the
same layer gives the same bytes: no clock, no random numbers, everything sorted.
"""
