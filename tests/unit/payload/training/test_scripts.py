"""A user's own scripts: ``run(context)``, and unchanged programs that leave a metrics file."""

from __future__ import annotations

import pytest

from osgrepro.payload.training import scripts

PROGRAM = """
import argparse, json, os, sys
parser = argparse.ArgumentParser()
parser.add_argument("--scale", type=float)
scale = parser.parse_args().scale
assert __name__ == "__main__"
value = scale * float(open("numbers.txt").read()) + int(os.environ["OSGREPRO_SEED"])
value += json.loads(os.environ["OSGREPRO_PARAMS"])["more"]
json.dump({"score": value}, open("metrics.json", "w"))
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"def run(context):\n    pass\n", True),
        (b"def run(context, more=1):\n    pass\n", True),
        (b"def run(args):\n    pass\n", False),
        (b"def run():\n    pass\n", False),
        (b"class A:\n    def run(context):\n        pass\n", False),
        (b"print('run(context)')\n", False),
    ],
)
def test_only_a_top_level_run_of_a_context_is_called(source, expected):
    assert scripts.defines_run(source) is expected


def test_a_script_is_told_apart_without_executing_it():
    assert scripts.defines_run(b"raise SystemExit('executed')\n") is False


def test_run_gets_parameters_data_and_seed(slot):
    slot.data("numbers.txt", b"20")
    slot.experiment["params"] = {"scale": 2}
    slot.script(
        "def run(context):\n"
        "    settings = context.settings(scale=1.0, offset=0.5)\n"
        "    with context.timed('data'):\n"
        "        number = float(open(context.path('numbers.txt')).read())\n"
        "    return {'score': number * settings['scale'] + settings['offset'] + context.seed}\n"
    )
    code, output, result = slot.run()
    assert code == 0, output
    assert result["metrics"]["score"]["value"] == 41.5
    assert result["timings"]["data_s"] >= 0


def test_an_unknown_parameter_is_bad_input(slot):
    slot.experiment["params"] = {"epoch": 2, "scale": "big"}
    slot.script("def run(context):\n    context.settings(scale=1)\n")
    code, _, result = slot.run()
    assert code == 20
    assert "params.epoch" in result["exception"]["message"]
    assert "params.scale: should be int, not str" in result["exception"]["message"]


def test_an_unchanged_program_leaves_its_metrics(slot):
    slot.script(PROGRAM)
    slot.data("numbers.txt", b"20")
    slot.experiment.update(
        arguments=["--scale", "3"], metrics_file="metrics.json", params={"more": 0.25}
    )
    code, output, result = slot.run()
    assert code == 0, output
    assert result["metrics"]["score"]["value"] == 61.25


def test_a_program_that_fails_is_failed_training_with_its_last_words(slot):
    slot.script("raise RuntimeError('out of ideas')\n")
    slot.experiment["metrics_file"] = "metrics.json"
    code, output, result = slot.run()
    assert code == 10
    assert "out of ideas" in result["exception"]["message"]
    assert output.count("Traceback") == output.count("RuntimeError: out of ideas") == 1
    assert output.endswith("osgrepro: TrainingError: script.py ended with 1\n")


def test_a_program_that_draws_a_progress_bar_keeps_its_error(slot):
    slot.script(
        "import sys\nfor n in range(2000):\n    sys.stderr.write(f'\\r{n} of 2000 ' + '#' * 80)\n"
        "raise ValueError('eleven classes')\n"
    )
    slot.experiment["metrics_file"] = "metrics.json"
    message = slot.run()[2]["exception"]["message"]
    assert message.splitlines()[-1] == "ValueError: eleven classes"
    assert "1998 of" not in message


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (9, 10, "was ended by SIGKILL"),
        (11, 10, "SIGSEGV"),
        (4, 30, "SIGILL"),
        (40, 10, "signal 40"),
    ],
)
def test_a_program_that_is_killed_is_told_by_which_signal(slot, number, code, said):
    slot.script(f"import os\nos.kill(os.getpid(), {number})\n")
    slot.experiment["metrics_file"] = "metrics.json"
    exit_code, output, result = slot.run()
    assert exit_code == code
    assert output.count(said) == 1
    last = result["exception"]["message"].splitlines()[-1]
    assert said in last
    assert ("memory" in last) == (number == 9)


def test_arguments_take_seed_repeat_and_parameters(slot):
    slot.script(
        "import json, sys\n"
        "assert sys.argv[1:] == ['--seed=7', '2', '0.5', 'true', 'adam', '{\"a\": 1}', '{other}']\n"
        "json.dump({'score': 1}, open('metrics.json', 'w'))\n"
    )
    slot.experiment.update(
        metrics_file="metrics.json",
        params={"rate": 0.5, "big": True, "name": "adam"},
        arguments=[
            *("--seed={seed}", "{repeat}", "{params.rate}", "{params.big}", "{params.name}"),
            *('{"a": 1}', "{other}"),
        ],
    )
    code, output, _ = slot.run(seed="7", repeat="2")
    assert code == 0, output


def test_an_argument_that_names_no_parameter_is_bad_input(slot):
    slot.script("pass\n")
    slot.experiment.update(metrics_file="m.json", arguments=["{params.rat}"])
    assert slot.run()[0] == 20


def test_metrics_of_an_earlier_attempt_are_no_result(slot):
    slot.script("print('I leave nothing')\n")
    slot.experiment["metrics_file"] = "metrics.json"
    (slot.folder / "metrics.json").write_text('{"score": 1}')
    code, _, result = slot.run()
    assert code == 10
    assert "metrics can't be read" in result["exception"]["message"]


@pytest.mark.parametrize("content", ["[1]", "{", '{"score": "high"}'])
def test_metrics_that_are_no_numbers_are_failed_training(slot, content):
    slot.script(f"open('metrics.json', 'w').write({content!r})\n")
    slot.experiment["metrics_file"] = "metrics.json"
    assert slot.run()[0] == 10


def test_a_script_without_run_and_metrics_file_is_bad_input(slot):
    slot.script("print('hello')\n")
    code, _, result = slot.run()
    assert code == 20
    assert "no metrics_file" in result["exception"]["message"]


def test_a_script_may_import_what_lies_beside_it(slot):
    slot.data("helper.py", b"VALUE = 7\n")
    slot.script("import helper\ndef run(context):\n    return {'score': helper.VALUE}\n")
    assert slot.run()[2]["metrics"]["score"]["value"] == 7.0


def test_a_program_whose_framework_is_not_in_the_image_is_bad_input(slot):
    slot.script("raise AssertionError('it was started')\n")
    slot.experiment.update(metrics_file="metrics.json", framework="jax")
    code, _, result = slot.run()
    assert code == 20
    assert "framework: the image has no jax, it has" in result["exception"]["message"]
