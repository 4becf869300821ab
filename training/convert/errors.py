"""The one failure that a user of the converter can cause and put right."""


class ConversionError(Exception):
    """Says what is wrong, by the name of the file or tensor, and what to do about it."""
