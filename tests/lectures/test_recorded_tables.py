"""What is measured in advance is read as a table, whichever file holds it."""

import numpy as np
import pytest

from cs826tl.verdicts import recorded_table


def test_a_tools_record_has_every_way_on_every_domain_and_seed() -> None:
    table = recorded_table("11_codes")
    rows = list(zip(table["codes"], table["domain"], table["seed"], strict=True))
    each = [len(set(column)) for column in zip(*rows, strict=True)]
    assert len(rows) == len(set(rows)) == np.prod(each)
    assert table["accuracy"].between(0.4, 1).all()


def test_a_trials_record_is_a_row_for_each_seed() -> None:
    table = recorded_table("C01_photographs")
    assert table.index.tolist() == list(range(5))
    accuracies = np.stack([np.array(table[way].tolist()) for way in table])
    assert accuracies.shape == (4, 5, 4)  # ways, seeds, numbers of labels
    assert ((accuracies > 0) & (accuracies < 1)).all()


def test_another_table_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"no recorded table named '11_cods'.*11_codes"):
        recorded_table("11_cods")
