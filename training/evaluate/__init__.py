"""How well pictures follow their prompts, and the page of results."""
