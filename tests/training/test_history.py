"""A history: columns, table, and what Jupyter shows of it."""

import math

import pytest

from cs826tl.training.history import History

ROWS = [
    {"epoch": 0, "validation_accuracy": 0.1},
    {"epoch": 1, "loss": 1.25, "validation_accuracy": 0.75},
]


def test_a_column_is_a_list_with_nan_where_a_row_has_none() -> None:
    assert History(ROWS)["validation_accuracy"] == [0.1, 0.75]
    loss = History(ROWS)["loss"]
    assert math.isnan(loss[0])
    assert loss[1] == 1.25


def test_an_unknown_column_lists_the_columns_in_order() -> None:
    with pytest.raises(ValueError, match="Choose from: epoch, validation_accuracy, loss"):
        History(ROWS)["accuracy"]


def test_the_table_has_the_epoch_as_its_index() -> None:
    table = History(ROWS).table()
    assert table.index.tolist() == [0, 1]
    assert table.index.name == "epoch"
    assert table["validation_accuracy"].tolist() == [0.1, 0.75]


def test_why_it_stopped_is_said_wherever_it_is_shown() -> None:
    assert repr(History(ROWS)) == "History of 1 epochs"
    stopped = History(ROWS, stopped="interrupted after 1 epochs")
    assert repr(stopped).endswith("— interrupted after 1 epochs")
    assert "<p>interrupted after 1 epochs</p>" in stopped._repr_html_()
    assert "0.75" in stopped._repr_html_()
    assert "NaN" not in stopped._repr_html_()


def test_a_history_interrupted_before_its_first_row_can_still_be_shown() -> None:
    history = History(stopped="interrupted after 0 epochs")
    assert repr(history) == "History of 0 epochs — interrupted after 0 epochs"
    assert len(history.table()) == 0
    assert "interrupted" in history._repr_html_()


def test_two_histories_share_nothing() -> None:
    History().rows.append({"epoch": 0})
    assert History().rows == []
