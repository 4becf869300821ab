import './watched-gpu'
import '../../src/worker/worker'
