"""How the lectures' bars, rates and depths were chosen: `python -m tools.tuning.lecture_NN`.

`python -m tools.tuning.confirm NN` runs a lecture's own experiments again with other seeds.
"""
