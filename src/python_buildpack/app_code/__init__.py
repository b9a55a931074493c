"""Steps of a build that run the app's own code: hooks, collectstatic, downloads of data. One module for each step."""
