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
# Without Apptainer the starter dies; an image that it can't mount fails HTCondor's own test.
COMPLAINED = """021 (004.001.000) 2026-11-27 18:12:06 Error from starter on slot1_1@host@vm:
\tSingularity test failed:FATAL: container creation failed: mount squashfs
\tCode {code} Subcode -1000
...
"""
GIVEN_BACK = """004 (004.001.000) 2026-11-27 18:12:06 Job was evicted. Code {code} Subcode {subcode}
\t(0) CPU times
\tReason: Error from slot1_1@host@vm: Singularity test failed:FATAL
...
"""
GONE = """022 (004.001.000) 2026-11-27 18:12:{second:02} Job disconnected, attempting to reconnect
    Socket between submit and execute hosts closed unexpectedly
...
024 (004.001.000) 2026-11-27 18:12:{second:02} Job reconnection failed
    Job not found at execution machine
...
004 (004.001.000) 2026-11-27 18:12:{second:02} Job was evicted. Code 1008 Subcode 0
\t(0) CPU times
\tReason: Job not found at execution machine
...
"""
SHADOW = """007 (004.001.000) 2026-11-27 18:12:06 Shadow exception!
\tError from slot1_1@host@vm: STARTER failed to start the job
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
