"""The files of the app, which are read once, and the documents in them."""
