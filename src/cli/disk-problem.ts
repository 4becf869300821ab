const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some of it, or write elsewhere',
  EDQUOT: 'your share of the disk is used up. Free some of it, or write elsewhere',
  EFBIG: 'your limit for the size of a file is below what is written. Raise it (ulimit -f)',
  EACCES: 'you may not write there. Write elsewhere',
  EPERM: 'you may not write there. Write elsewhere',
  EROFS: 'that disk can only be read. Write elsewhere',
  ENOTDIR: 'a part of the path is a file. Correct the path',
  EISDIR: 'it is a folder. Give the name of a file',
  ENAMETOOLONG: 'the name is too long. Shorten it',
  ELOOP: 'its links lead back to each other. Correct the path',
}

/** What a disk's refusal means and what to do about it; undefined for an error that is none. */
export function diskProblem(error: unknown): string | undefined {
  const { code, message, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) return undefined
  // That a folder's name is taken by a file.
  const meant = code === 'EEXIST' && syscall === 'mkdir' ? 'ENOTDIR' : code
  return WORDS[meant] ?? message
}
