import { EngineError, type Notice } from '../errors'
import type { Manifest } from '../manifest'
import { canVerify, sha256 } from './store/verify'

/** A manifest's terms with their hash: of the JSON of title, text and address, in UTF-8. */
export async function noticeOf({ title, text, url }: NonNullable<Manifest['notice']>): Promise<Notice> {
  if (!canVerify()) {
    throw new EngineError(
      'InvalidRequest',
      'This model has terms to accept, and their hash needs a secure context. Serve the page by https.',
    )
  }
  const hash = await sha256(new TextEncoder().encode(JSON.stringify([title, text, url])))
  return { title, text, url, hash }
}

/** @throws EngineError 'LicenceNotAccepted', with the notice, unless `accepted` is its hash. */
export async function requireAcceptance(
  { name, notice }: Pick<Manifest, 'name' | 'notice'>,
  accepted: string | undefined,
): Promise<void> {
  if (!notice) return
  const found = await noticeOf(notice)
  if (found.hash === accepted) return
  throw new EngineError(
    'LicenceNotAccepted',
    `'${name}' has terms that a person has to accept: ${notice.title} (${notice.url}). Show them, then pass acceptLicence: ` +
      `'${found.hash}'.`,
    { notice: found },
  )
}
