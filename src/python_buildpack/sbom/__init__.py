"""Bills of materials: the content of each layer, read from the installed files and from the interpreter itself.

``distributions`` and ``interpreter`` read it into the values of ``bill``; all other modules are pure. Equal layers give
equal bytes: there is no clock and there are no random numbers, and everything is sorted.
"""
