"""What comes of a grading: tables, feedback for each student, the lecturer's report."""
