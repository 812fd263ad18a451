"""How the lectures' settings were chosen: on validation data, with seeds that no lecture uses.

One command for each lecture, `python -m tools.tuning.lecture_12`. `python -m tools.confirm` runs a
lecture's own experiments again with other seeds.
"""
