"""One main per training stage. Nothing imports from here."""
