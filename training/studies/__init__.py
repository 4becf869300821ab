"""Single questions, one at a time: what each loss, size, optimiser and noise level buys."""
