"""Holds a converted model against diffusers' own pipeline."""
