/** How far the time that a budget predicts is from the time that it takes. */
import { type Spread, spread } from '../statistics'
import type { Subject } from './subject'

/** Milliseconds, from less than the cheapest schedule takes to more than the dearest. */
const BUDGETS = [50, 100, 150, 250, 400, 800]
const PROMPTS = ['a red apple', 'two hearts', 'a cat face', 'a blue whale']

/** |predicted − taken| / taken. The first picture, which the probe alone predicts, is among them. */
export async function measureBudget({ pipeline }: Subject, pictures: number): Promise<Spread> {
  const errors: number[] = []
  for (let i = 0; i < pictures; i++) {
    const { budget, timings } = await pipeline.generate({
      prompt: PROMPTS[i % PROMPTS.length] as string,
      seed: i,
      schedule: { withinMs: BUDGETS[i % BUDGETS.length] as number },
    })
    errors.push(Math.abs((budget?.predictedMs ?? 0) - timings.total) / timings.total)
  }
  return spread(errors)
}
