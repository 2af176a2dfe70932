"""The worker: what happens by the clock, in any number of processes."""
