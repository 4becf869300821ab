"""Scale-wise distillation itself: formulas, losses, the fake net, rollouts, sampling, the training loop."""
