"""Which processes an image has: from the Procfile, or from the kinds of apps that the sources show."""
