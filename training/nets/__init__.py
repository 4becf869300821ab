"""The networks as plain PyTorch modules, and the loaders of trained ones."""
