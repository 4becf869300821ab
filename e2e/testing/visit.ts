import { expect, type Page } from '@playwright/test'
import { expectState, site } from './pages'
import type { FaultServer } from './server'

/** One visit to the built page, to its end: the model is stored, and so is the page itself. */
export async function visit(page: Page, server: FaultServer, path = ''): Promise<void> {
  await page.goto(server.url + path + site())
  await expectState(page, 'ready')
  await expect(page.getByTestId('stored-offline')).toContainText('Works offline')
}

export async function goOffline(page: Page, server: FaultServer): Promise<void> {
  await server.stop()
  await page.context().setOffline(true)
}
