"""The course as a static site: stored notebooks as pages, widgets that answer from recordings."""
