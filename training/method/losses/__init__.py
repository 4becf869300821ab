"""One class per published loss, its paper and equation in its docstring. All are called alike: loss(inputs) → the mean
over the batch, a scalar. The inputs are those of the stage that learns by it.

student.py       StudentInputs: what the student drew, and what it is compared with
fake_net.py      FakeNetInputs: how DMD's fake net and the GAN's head see drawn and real latents
autoencoder.py   AutoencoderInputs: pictures, their latents, and what was decoded
teacher.py       TeacherInputs: velocities, predicted and true
scorer.py        ScorerInputs: pictures and captions as unit vectors

A new loss of the student is a class in student.py, named in STUDENT_LOSSES; a recipe or `--set losses.<name>=1` gives
it a weight.
"""
