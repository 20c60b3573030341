import { RtError } from '../contract/errors.ts';

/** What it means that a port could not be opened: `ADDRESS_IN_USE` or `CONFIG_INVALID`. */
export function toListenError(cause: NodeJS.ErrnoException, host: string, port: number): RtError {
  if (cause.code === 'EADDRINUSE') {
    return new RtError('ADDRESS_IN_USE', { host, port, reason: `${host}:${port}` }, { cause });
  }
  const why: Readonly<Record<string, string>> = {
    EACCES: `not allowed to listen on port ${port}`,
    EADDRNOTAVAIL: 'is not an address of this machine',
    ENOTFOUND: 'is not a name that resolves',
  };
  const reason = `host ${host} ${why[cause.code ?? ''] ?? cause.message}`;
  return new RtError('CONFIG_INVALID', { key: cause.code === 'EACCES' ? 'port' : 'host', reason }, { cause });
}
