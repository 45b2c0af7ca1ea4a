"""The statistics: arrays in, arrays out. Imports numpy, scipy, the standard library and its siblings only."""
