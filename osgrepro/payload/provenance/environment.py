"""Environment variables, by allow-list only: pilots' environments carry credentials' paths."""

from __future__ import annotations

from typing import Dict, Mapping

from ..scrub import is_secret_name

# What can change a number, or says how the slot was set up; nothing else is ever recorded.
ALLOWED = frozenset(
    {
        "APPTAINER_NAME",
        "ATEN_CPU_CAPABILITY",
        "CUBLAS_WORKSPACE_CONFIG",
        "CUDA_LAUNCH_BLOCKING",
        "CUDA_VISIBLE_DEVICES",
        "CUDNN_LOGINFO_DBG",
        "DNNL_CPU_ISA_HINTS",
        "DNNL_DEFAULT_FPMATH_MODE",
        "DNNL_MAX_CPU_ISA",
        "DNNL_PRIMITIVE_CACHE_CAPACITY",
        "GLIBC_TUNABLES",
        "GLIDEIN_Site",
        "JAX_DEFAULT_MATMUL_PRECISION",
        "JAX_ENABLE_X64",
        "JAX_NUM_CPU_DEVICES",
        "JAX_PLATFORMS",
        "KERAS_BACKEND",
        "KMP_AFFINITY",
        "KMP_BLOCKTIME",
        "KMP_DETERMINISTIC_REDUCTION",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_CTYPE",
        "LC_NUMERIC",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "MALLOC_ARENA_MAX",
        "MKL_CBWR",
        "MKL_DEBUG_CPU_TYPE",
        "MKL_DYNAMIC",
        "MKL_ENABLE_INSTRUCTIONS",
        "NPROC",
        "NPY_DISABLE_CPU_FEATURES",
        "NVIDIA_TF32_OVERRIDE",
        "NVIDIA_VISIBLE_DEVICES",
        "OMP_DYNAMIC",
        "OMP_PLACES",
        "OMP_PROC_BIND",
        "OMP_SCHEDULE",
        "OMP_THREAD_LIMIT",
        "OMP_WAIT_POLICY",
        "ONEDNN_CPU_ISA_HINTS",
        "ONEDNN_DEFAULT_FPMATH_MODE",
        "ONEDNN_MAX_CPU_ISA",
        "ONEDNN_PRIMITIVE_CACHE_CAPACITY",
        "OPENBLAS_CORETYPE",
        "OSG_SITE_NAME",
        "PJRT_NPROC",
        "PYTHONHASHSEED",
        "PYTHONNOUSERSITE",
        "SINGULARITY_NAME",
        "TF_CUDNN_DETERMINISTIC",
        "TF_CUDNN_USE_AUTOTUNE",
        "TF_DETERMINISTIC_OPS",
        "TF_DISABLE_MKL",
        "TF_ENABLE_GPU_GARBAGE_COLLECTION",
        "TF_ENABLE_ONEDNN_OPTS",
        "TF_FORCE_GPU_ALLOW_GROWTH",
        "TF_GPU_ALLOCATOR",
        "TF_LAYOUT_PREFERENCE",
        "TF_NUM_INTEROP_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_THREADS",
        "TF_OVERRIDE_GLOBAL_THREADPOOL",
        "TF_USE_LEGACY_KERAS",
        "TF_XLA_FLAGS",
        "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
        "TZ",
        "XLA_FLAGS",
    }
)
_ALLOWED_END = "_NUM_THREADS"


def collect(environ: Mapping[str, str]) -> Dict[str, str]:
    """Return the variables that may be recorded."""
    return {
        name: value
        for name, value in sorted(environ.items())
        if (name in ALLOWED or name.endswith(_ALLOWED_END)) and not is_secret_name(name)
    }
