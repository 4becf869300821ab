"""Latent spectra: at which noise level does a size of the grid still hold all that can be seen?
(docs/METHOD.md, section 2)

    python -m training.studies spectra      # → docs/studies.json

The power of a clean latent falls with frequency, that of noise does not. At noise level sigma a frequency is masked
where (1 − sigma)²·P(f) < sigma². A grid of s cells, enlarged to N, holds nothing above s/2N cycles a cell; so a step
may be drawn at s cells as long as all above that is masked.
"""

import numpy as np

from training.config.schedules import DEFAULT, SIZES
from training.data.pack import latents_of, load_pack
from training.method.spectrum import masking_sigma, power_at, radial_power
from training.studies.record import record

COUNT = 2000


def run() -> None:
    pack = load_pack()
    rng = np.random.default_rng(0)
    rows = rng.choice(len(pack.weights), COUNT, p=pack.weights)
    spectra = {size: radial_power(latents_of(pack, rows, size)) for size in SIZES}
    largest = max(SIZES)
    steps = [
        {
            "size": step.size,
            "sigma": step.sigma,
            # What this size cannot hold of the final picture begins here; nothing is missing at the full size.
            "masked": masking_sigma(power_at(spectra[largest], step.size)) if step.size < largest else None,
        }
        for step in DEFAULT
    ]
    record(
        "spectra",
        {
            "latents": COUNT,
            "power": {str(size): [round(float(p), 5) for p in power] for size, power in spectra.items()},
            "steps": steps,
        },
    )
