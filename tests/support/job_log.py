"""Events of a job's log, as HTCondor 25.14 writes them."""

from __future__ import annotations

START = """001 (004.{proc:03}.000) 2026-11-27 18:12:05 Job executing on host: <127.0.0.1:4?sock=ep>
\tSlotName: slot1_1@host@vm
\tMachine = "vm.osgrepro"
\tOsgreproEP = "{machine}"
...
"""
REQUEUED = """004 (004.001.000) 2026-11-27 18:12:06 Job was evicted.
\t(0) Job terminated and was requeued
\t(1) Normal termination (return value {code})
\tThe job attribute OnExitRemove expression 'x' evaluated to FALSE
...
"""
EVICTED = """004 (004.001.000) 2026-11-27 18:12:06 Job was evicted.
\t(0) CPU times
...
"""
ENDED = """005 (004.001.000) 2026-11-27 18:12:06 Job terminated.
\t(1) Normal termination (return value {code})
...
"""
SIGNALLED = """005 (004.001.000) 2026-11-27 18:12:06 Job terminated.
\t(0) Abnormal termination (signal 9)
...
"""
HELD = """012 (004.001.000) 2026-11-27 18:12:06 Job was held.
\tosgrepro: x
\tCode {code} Subcode {subcode}
...
"""
SUBMITTED = "000 (004.001.000) 2026-11-27 18:12:02 Job submitted from host: <>\n...\n"
RELEASED = "013 (004.001.000) 2026-11-27 18:12:08 Job was released.\n...\n"
