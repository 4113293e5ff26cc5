"""Where runs go: HTCondor behind one door, and a mini-pool of real daemons here."""
