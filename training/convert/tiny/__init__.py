"""Random checkpoints of the real architectures, small enough for tests."""
