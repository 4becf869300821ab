"""Pictures, scenes, captions, and the pack of latents that the stages read."""
