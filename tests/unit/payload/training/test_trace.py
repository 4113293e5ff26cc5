"""What oneDNN says about itself, and the tracing process's environment."""

from __future__ import annotations

from osgrepro.payload.training import trace

OUTPUT = b"""Epoch 1/1
onednn_verbose,info,oneDNN v2.5.0 (commit N/A)
onednn_verbose,info,cpu,isa:Intel AVX2
onednn_verbose,exec,cpu,convolution,jit:avx2,forward_training,a,,b,mb128,0.5
onednn_verbose,exec,cpu,convolution,jit:avx2,forward_training,a,,b,mb128,0.7
onednn_verbose,exec,cpu,pooling,jit:avx2,forward_training,a,,b,mb128,0.1
dnnl_verbose,info,older
\xff\xfe
1/1 - 0s
"""


def test_each_call_is_told_once_and_without_its_time():
    assert trace.verbose_lines(OUTPUT) == [
        "onednn_verbose,info,oneDNN v2.5.0 (commit N/A)",
        "onednn_verbose,info,cpu,isa:Intel AVX2",
        "onednn_verbose,exec,cpu,convolution,jit:avx2,forward_training,a,,b,mb128",
        "onednn_verbose,exec,cpu,pooling,jit:avx2,forward_training,a,,b,mb128",
        "dnnl_verbose,info,older",
    ]


def test_the_lines_are_bounded():
    output = b"".join(b"onednn_verbose,info,%d\n" % n for n in range(1000))
    assert len(trace.verbose_lines(output)) == 24


def test_onednn_is_asked_under_all_its_names():
    environ = trace.environment({"PATH": "/bin"})
    assert environ["PATH"] == "/bin"
    assert {environ[n] for n in ("ONEDNN_VERBOSE", "DNNL_VERBOSE", "MKLDNN_VERBOSE")} == {"1"}


def test_tracing_a_script_without_tensorflow_does_nothing(slot):
    slot.spec["trace"] = True
    code, output, result = slot.run()
    assert code == 0, output
    assert result["fingerprints"]["gradients"] is None
    assert result["provenance"]["framework"]["onednn_verbose"] == []


def test_another_backend_than_tensorflow_is_not_traced_and_the_result_says_why(slot):
    slot.spec["trace"] = True
    slot.script(
        "import pathlib\n"
        "def run(context):\n"
        "    pathlib.Path('once').touch(exist_ok=False)\n"
        "    return {'score': 1}\n"
    )
    code, output, result = slot.run({"KERAS_BACKEND": "jax"})
    assert code == 0, output
    assert result["fingerprints"]["gradients"] is None
    assert "backend jax" in result["provenance"]["errors"]["trace"]


def test_a_trace_that_fails_leaves_the_result_of_the_run(slot):
    slot.spec["trace"] = True
    slot.script(
        "import pathlib\n"
        "def run(context):\n"
        "    count = pathlib.Path('count')\n"
        "    if count.exists(): raise ValueError('second time')\n"
        "    count.touch()\n"
        "    return {'score': 1}\n"
    )
    (slot.folder / "tensorflow.py").write_text(
        "class Any:\n"
        "    def __getattr__(self, name): return Any()\n"
        "    def __call__(self, *args): return Any()\n"
        "    def __iter__(self): return iter(())\n"
        "config = version = keras = sysconfig = Any()\n"
    )
    code, _, result = slot.run({"PYTHONPATH": str(slot.folder)})
    assert code == 0
    assert result["status"] == "ok"
    assert result["provenance"]["errors"]["trace"] == "the tracing process ended with 1"
