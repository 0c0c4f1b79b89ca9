"""What style is: Gram matrices and means against plain ones, masked or not, gradients against finite differences."""

import pytest
import torch
from torch import Tensor

from tests.worker.engine.brush import random, slope
from worker.engine import statistics
from worker.engine.statistics import KINDS, Gram, Mean, rows_of

GRAM, MEAN = Gram(), Mean()
MASK = torch.linspace(0, 1, 63, dtype=torch.float64)[:, None]  # (M, 1)


def _plain(kind: str, rows: Tensor, mask: Tensor | None) -> Tensor:
    """As the papers write them, position by position."""
    m = torch.ones(len(rows), 1, dtype=rows.dtype) if mask is None else mask
    if kind == "mean":
        return torch.stack([weight * row for weight, row in zip(m, rows, strict=True)]).sum(0)
    return torch.stack([torch.outer(weight * row, weight * row) for weight, row in zip(m, rows, strict=True)]).sum(0)


def test_gram_of_two_channels_is_worked_out_by_hand():
    rows = torch.tensor([[1.0, 3.0], [2.0, 4.0]], dtype=torch.float64)
    assert torch.equal(GRAM.total(rows, None), torch.tensor([[5.0, 11.0], [11.0, 25.0]], dtype=torch.float64))


def test_mean_of_two_channels_is_worked_out_by_hand():
    rows = torch.tensor([[1.0, 3.0], [2.0, 4.0]], dtype=torch.float64)
    assert torch.equal(MEAN.total(rows, None), torch.tensor([3.0, 7.0], dtype=torch.float64))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mask", [None, MASK])
def test_totals_are_those_of_the_papers(kind, mask):
    rows = random(63, 5)
    torch.testing.assert_close(KINDS[kind].total(rows, mask), _plain(kind, rows, mask))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mask", [None, MASK])
def test_totals_of_parts_add_up_to_the_total_of_the_whole(kind, mask):
    rows, one = random(63, 5), KINDS[kind]
    parts = [one.total(rows[part], None if mask is None else mask[part]) for part in (slice(0, 20), slice(20, 63))]
    torch.testing.assert_close(parts[0] + parts[1], one.total(rows, mask))


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_of_ones_is_no_mask(kind):
    rows, ones = random(63, 5), torch.ones(63, 1, dtype=torch.float64)
    torch.testing.assert_close(KINDS[kind].total(rows, ones), KINDS[kind].total(rows, None))
    assert float(KINDS[kind].count(ones)) == 63


@pytest.mark.parametrize("kind", KINDS)
def test_a_half_seen_picture_of_equal_rows_has_the_same_statistic(kind):
    rows, one = random(1, 5).expand(63, 5), KINDS[kind]
    torch.testing.assert_close(one.total(rows, MASK) / one.count(MASK), one.total(rows, None) / 63)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_totals_are_summed_in_float32_or_better(kind, dtype):
    rows = random(4803, 8).abs().to(dtype)  # not a multiple of the chunks
    total = KINDS[kind].total(rows, None)
    assert total.dtype == torch.float32
    expected = _plain(kind, rows.double(), None)
    assert float((total.double() - expected).norm() / expected.norm()) < 5e-4


def test_rows_are_positions_in_either_memory_order():
    responses = random(1, 5, 6, 7)
    last = responses.contiguous(memory_format=torch.channels_last)
    assert torch.equal(rows_of(responses)[1 * 7 + 3], responses[0, :, 1, 3])
    assert torch.equal(rows_of(responses), rows_of(last))
    assert rows_of(last).data_ptr() == last.data_ptr()  # a view: what is added to it arrives


def test_blend_is_the_weighted_mean():
    one, two = torch.eye(2), torch.ones(2, 2)
    assert torch.equal(statistics.blend([one, two], [0.25, 0.75]), 0.25 * one + 0.75 * two)


def test_gram_distance_is_the_mean_of_squares():
    distance, _ = GRAM.distance(torch.eye(2), torch.zeros(2, 2))
    assert float(distance) == 0.5


def test_mean_distance_is_measured_in_the_target():
    distance, _ = MEAN.distance(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
    assert float(distance) == pytest.approx(4 * 2 * (9 + 16) / 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mask", [None, MASK])
def test_gradients_agree_with_finite_differences(kind, mask):
    one, rows, along = KINDS[kind], random(63, 4), random(63, 4, seed=1)
    target = one.total(random(63, 4, seed=2), None) / 63
    count = 63 if mask is None else one.count(mask)

    def loss(x: Tensor) -> Tensor:
        return one.distance(one.total(x, mask) / count, target)[0]

    _, by_current = one.distance(one.total(rows, mask) / count, target)
    gradient = torch.ones_like(rows)  # what came from above stays
    one.pull(gradient, by_current / count, rows, mask)
    assert float(((gradient - 1) * along).sum()) == pytest.approx(slope(loss, rows, along), rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mask", [None, MASK])
def test_a_pull_in_bfloat16_is_nearly_that_of_float64(kind, mask):
    one, rows, by_total = KINDS[kind], random(63, 4), random(4, 4)
    by_total = by_total + by_total.T if kind == "gram" else by_total[0]
    wide, narrow = torch.zeros_like(rows), torch.zeros_like(rows, dtype=torch.bfloat16)
    one.pull(wide, by_total, rows, mask)
    one.pull(narrow, by_total.float(), rows.bfloat16(), None if mask is None else mask.float())
    assert float((narrow.double() - wide).norm() / wide.norm()) < 0.02
