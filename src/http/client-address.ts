import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';
import { RtError } from '../contract/errors.ts';

/**
 * Reads the address that a request comes from. `X-Forwarded-For` is believed from trusted proxies only, so that nobody can
 * choose the address that is logged.
 *
 * @param trusted addresses, subnets, or the names `loopback`, `linklocal` and `uniquelocal`
 * @throws RtError `CONFIG_INVALID` for what is none of these
 */
export function createAddressReader(trusted: readonly string[]): (request: IncomingMessage) => string {
  const trust = compile(trusted);
  return (request) => {
    const address = proxyAddr(request, trust) ?? '';
    // An IPv4 client of a server that listens on IPv6.
    return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  };
}

function compile(trusted: readonly string[]) {
  try {
    return proxyAddr.compile([...trusted]);
  } catch (cause) {
    const reason = `trustProxy ${JSON.stringify(trusted)}: ${(cause as Error).message}`;
    throw new RtError('CONFIG_INVALID', { key: 'trustProxy', reason }, { cause });
  }
}
