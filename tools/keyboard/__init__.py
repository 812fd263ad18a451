"""A learner who has only a keyboard: goes through a page's widgets and watches what answers."""
