/** How long the pages wait for anything, milliseconds; the library's own limits are in src/waits.ts. */
export const pageWaits = {
  /** For a server to say anything at all, before it counts as out of reach. */
  serverMs: 10_000,
  /** Before it is asked again, at first and at most. */
  askAgainMs: 2_000,
  askAgainAtMostMs: 30_000,
  /** For a model's size: longer than the library waits for a server where it has the manifest itself. */
  sizeMs: 12_000,
  /** For a list of words, once a drawing is asked for: it is drawn without. */
  wordsMs: 1_500,
  /** For a picture of a study, on a slow line. */
  studyPictureMs: 60_000,
}
