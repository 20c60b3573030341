const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'its permissions do not allow it',
  EPERM: 'its permissions do not allow it',
  EROFS: 'the disk takes no changes',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'no file has so long a name',
  ELOOP: 'its links go round in a circle',
};

/** What the system says of a file, in words. */
export function describeFileTrouble(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return Object.hasOwn(TROUBLES, code) ? (TROUBLES[code] ?? message) : message;
}

/** Of a new one: there is no file yet, so that what is missing is its folder. */
export function describeNewFileTrouble(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'its folder is not there' : describeFileTrouble(cause);
}
