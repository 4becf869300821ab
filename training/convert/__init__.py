"""Converts real SwD models (SD3.5, SDXL) from diffusers folders to the form that the browser reads."""
