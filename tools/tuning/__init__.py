"""How the lectures' bars, rates and depths were chosen: `python -m tools.tuning.lecture_NN`."""
