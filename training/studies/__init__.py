"""The seed paper's analyses on our own latents: what they suggest, against what we ship."""
