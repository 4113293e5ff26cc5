"""The brake of a submission: a small job on the access point, which watches the others' event logs.

It runs there as a program of its own (scheduler universe, as DAGMan does), with any Python from 3.8
on and HTCondor's commands alone, so that nobody has to stay logged in. A machine that fails what
succeeds elsewhere is avoided by the whole cluster; where everything fails, what is idle is held.
Sent by ``workflow.runs.sending``; imports nothing of the rest.
"""
