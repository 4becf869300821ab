"""What the browser reads: ONNX graphs, the manifest, weight formats, and golden numbers for its tests."""
