"""What builds the site: pages that need no kernel, no network and no server."""
