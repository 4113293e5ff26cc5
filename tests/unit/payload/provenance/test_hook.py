"""A program's own process tells what it computed with, and runs as if nobody asked."""

from __future__ import annotations

import json

import pytest

# A PyTorch as far as it is asked: 3 threads, nothing deterministic, drawn from without a seed.
TORCH = """
class _Any:
    def __init__(self, **known): self.__dict__.update(known)
class Generator:
    device = "cpu"
    def __init__(self, device=None, state=0): self.state = state
    def manual_seed(self, seed): pass
    def initial_seed(self): return 2**50
    def get_state(self): return self.state
default_generator = Generator(state=5)
def equal(a, b): return a == b
def get_num_threads(): return 3
def get_num_interop_threads(): return 2
def are_deterministic_algorithms_enabled(): return False
__version__ = "9.9"
version = _Any(git_version="abc", cuda=None)
cuda = _Any(is_initialized=lambda: False, is_available=lambda: False, device_count=lambda: 0)
backends = _Any(
    cuda=_Any(matmul=_Any(allow_tf32=False)), cudnn=_Any(allow_tf32=True, version=lambda: 1)
)
__config__ = _Any(show=lambda: "")
"""
PROGRAM = """
import json, os, sys
{more}
json.dump({{"score": 1}}, open("metrics.json", "w"))
"""


def run(slot, more, **environ):
    slot.script(PROGRAM.format(more=more))
    slot.experiment["metrics_file"] = "metrics.json"
    code, output, result = slot.run(environ)
    assert code == 0, output
    return result["provenance"]


def test_a_program_with_pytorch_is_recorded_as_it_was(slot):
    (slot.folder / "torch.py").write_text(TORCH)
    found = run(slot, "import torch")
    assert found["seeding"] == {
        "python": None, "numpy": None, "framework": False, "name": "torch", "seed": None,
    }  # fmt: skip
    assert found["threads"]["intra_op_effective"] == 3
    assert found["framework"]["op_determinism"] is False
    assert found["framework"]["version"] == "9.9"
    assert (found["framework"]["matmul_tf32"], found["framework"]["cudnn_tf32"]) == (False, True)
    assert found["gpu_used"] is False
    assert found["libraries"]


def test_a_script_with_a_context_is_recorded_as_it_was(slot):
    (slot.folder / "torch.py").write_text(TORCH)
    slot.script("def run(context):\n    import torch\n    return {'score': 1}\n")
    _, output, result = slot.run()
    found = result["provenance"]
    assert found["seeding"]["framework"] is False, output
    assert found["seeding"]["python"] is True
    assert found["framework"]["op_determinism"] is False
    assert found["threads"]["intra_op_effective"] == 3


def test_a_pytorch_that_fails_to_tell_is_null_and_the_run_stands(slot):
    (slot.folder / "torch.py").write_text("__version__ = '9.9'\n")
    found = run(slot, "import torch")
    assert found["seeding"]["framework"] is None
    assert found["framework"]["op_determinism"] is None
    assert "seeding.framework" in found["errors"]


@pytest.mark.parametrize("before", [None, "", "/somewhere:/else"])
def test_the_program_and_its_children_see_nothing_of_the_hook(slot, before, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    told = "json.dump([sys.path, sorted(os.environ), os.environ.get('PYTHONPATH')], open('t', 'w'))"
    environ = {} if before is None else {"PYTHONPATH": before}
    run(slot, told, **environ)
    path, names, pythonpath = json.loads((slot.folder / "t").read_text())
    assert pythonpath == before
    assert not [part for part in path if ".osgrepro-" in part]
    assert "OSGREPRO_PYTHONPATH" not in names


def test_the_images_own_sitecustomize_is_loaded_as_ever(slot):
    (slot.folder / "own").mkdir()
    (slot.folder / "own/sitecustomize.py").write_text("import os\nos.environ['OWN'] = '1'\n")
    run(slot, "assert os.environ['OWN'] == '1'", PYTHONPATH=str(slot.folder / "own"))


def test_a_program_with_a_module_of_our_name_is_asked_all_the_same(slot):
    (slot.folder / "payload.py").write_text("VALUE = 1\n")
    (slot.folder / "torch.py").write_text(TORCH)
    assert run(slot, "import payload, torch")["threads"]["intra_op_effective"] == 3


def test_a_program_that_ends_without_a_word_claims_nothing(slot):
    (slot.folder / "torch.py").write_text(TORCH)
    more = 'import torch\njson.dump({"score": 1}, open("metrics.json", "w")); os._exit(0)'
    found = run(slot, more)
    assert found["seeding"]["framework"] is None
    assert found["framework"] == {}
    assert "intra_op_effective" not in found["threads"]
