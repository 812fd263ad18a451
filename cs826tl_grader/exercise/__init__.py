"""An exercise: its notebook, its rubric, each student's variant, and what students get."""
