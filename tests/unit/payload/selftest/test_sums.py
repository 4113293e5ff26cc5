"""The sums: their answers are NumPy's in whole numbers, and one wrong number is seen."""

from __future__ import annotations

import math

import pytest

from osgrepro.payload.selftest import sums
from osgrepro.payload.selftest.calculators import NumPy

numpy = pytest.importorskip("numpy")
EVERY = sums.every()


@pytest.fixture(params=EVERY, ids=sums.ALL)
def known(request):
    return request.param


def test_the_answers_are_those_of_whole_numbers(known):
    class Whole:
        """NumPy without its floating point."""

        @staticmethod
        def asarray(values, _kind):
            array = numpy.asarray(values)
            assert (array == array.astype("int64")).all()
            return array.astype("int64")

    assert known.fault(NumPy(Whole).answer(known.name, known.operands)) is None


def test_float32_and_shorter_factors_hold_all_of_it(known):
    assert known.fault(NumPy(numpy).answer(known.name, known.operands)) is None
    assert max(map(abs, known.answer)) < 2**24
    if len(known.operands) == 2:  # multiplied: bfloat16 has 8 bits
        assert max(abs(v) for operand in known.operands for v in sums.flat(operand)) < 2**8


def test_no_partial_sum_is_rounded_in_any_order():
    total = next(s for s in EVERY if s.name == "sum")
    assert sum(map(abs, sums.flat(total.operands[0]))) < 2**24
    left, right = (numpy.abs(o) for o in EVERY[2].operands)
    assert (left @ right).max() < 2**24


@pytest.mark.parametrize("change", [1.0, -1.0, math.nan, math.inf])
def test_one_wrong_number_is_a_fault(known, change):
    numbers = list(known.answer)
    numbers[-1] += change
    assert known.fault(numbers).startswith(f"1 of {len(numbers)} numbers are wrong")


def test_the_last_bit_counts_but_in_a_fast_convolution(known):
    numbers = list(known.answer)
    numbers[0] = float(numpy.nextafter(numpy.float32(numbers[0]), numpy.float32(1e9)))
    assert (known.fault(numbers) is None) == (known.name == "convolution")


def test_an_answer_of_another_size_is_a_fault(known):
    assert "numbers instead of" in known.fault([*known.answer, 0.0])
