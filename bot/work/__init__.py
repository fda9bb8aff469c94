"""Work: who does what next, under which lease, and how a sleeping worker is woken."""
