"""From emoji packages to the ONNX graphs that the browser runs: scale-wise distillation in PyTorch. See README.md."""
