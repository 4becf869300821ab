import { CpuKernels } from './cpu'
import { describeKernels } from './testing/describe-kernels'

describeKernels('CPU', (test) => test(new CpuKernels()))
