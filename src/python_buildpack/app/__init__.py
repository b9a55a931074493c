"""What was uploaded: the files of the app, read once, and the documents among them."""
