"""Intake: from tables of text, as people keep them, to a `sampler.frame.Frame` in which every row is accounted for."""
