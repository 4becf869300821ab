/** The engine's worker with the fault tests' hooks before it: modules run in the order of their imports. */
import './worker-faults'
import '../../src/worker/worker'
