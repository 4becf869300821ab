import fc from 'fast-check'

// The same random cases in every run, so that a red run can be repeated. To look for new ones: FUZZ_SEED=$RANDOM.
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 1) })
