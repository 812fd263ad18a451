"""From submissions to marks: one sitting, one submission, a whole cohort, and by hand."""
