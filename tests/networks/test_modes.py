"""Evaluation mode: for as long as the block lasts, whatever happens in it."""

import pytest
from torch import nn

from cs826tl.networks.modes import evaluation_mode


@pytest.mark.parametrize("problem", [None, ValueError, KeyboardInterrupt])
def test_every_module_gets_its_own_mode_back(problem) -> None:
    one = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm1d(2)).eval())
    other = nn.Dropout().eval()
    parts = [*one.modules(), *other.modules()]
    modes = [part.training for part in parts]
    assert True in modes
    assert False in modes
    try:
        with evaluation_mode(one, other):
            assert not any(part.training for part in parts)
            one.train()  # whatever is done inside
            if problem:
                raise problem
    except (ValueError, KeyboardInterrupt):
        pass
    assert [part.training for part in parts] == modes
