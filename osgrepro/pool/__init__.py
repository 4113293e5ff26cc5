"""Where runs go: HTCondor behind one door, and a mini-pool of real daemons here.

``LOCAL`` and ``AP`` are the words of those who choose: the mini-pool, or this access point.
"""

LOCAL, AP = "local", "ap"
