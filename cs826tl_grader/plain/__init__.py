"""Plain data that may say anything: frames, notebooks, values to compare, files to write."""
