const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'its permissions do not allow it',
  EPERM: 'its permissions do not allow it',
  ENAMETOOLONG: 'no file has so long a name',
  ELOOP: 'its links go round in a circle',
};

/** Why a file could not be read, in words. */
export function describeFileTrouble(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return Object.hasOwn(TROUBLES, code) ? (TROUBLES[code] ?? message) : message;
}
