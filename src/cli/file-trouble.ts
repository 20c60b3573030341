const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'what should be a folder in its path is a file',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the disk takes no changes',
  ENOSPC: 'the disk is full',
  ELOOP: 'its links go round in a circle',
  ENAMETOOLONG: 'the name is too long',
};

/** What the system says of a file, in words. */
export function describeFileTrouble(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return TROUBLES[code] ?? message;
}

/** Of a new one: there is no file yet, so that what is missing is its folder. */
export function describeNewFileTrouble(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'its folder is not there' : describeFileTrouble(cause);
}
