import { isIPv6 } from 'node:net';
import { RtError } from '../contract/errors.ts';
import { createFloodGuard, type FloodState } from './flood.ts';

/** Networks remembered at once; the one that was not seen for the longest makes room for a new one. */
const NETWORKS_MAX = 10_000;

/**
 * Limits how many connections a second one address may attempt, with a burst of twice that. Of IPv6 the first 64 bits count:
 * the rest is for whoever holds them to choose.
 *
 * @param limits `connectsPerSecond` is `undefined` for no limit; read each time, since it may change
 * @returns counts an attempt; throws an `RtError` `RATE_LIMITED` when it is one too many
 */
export function createConnectRate(limits: { connectsPerSecond?: number | undefined }): (address: string) => void {
  const guard = createFloodGuard(() => limits.connectsPerSecond ?? 0);
  const states = new Map<string, FloodState>();

  return (address) => {
    if (limits.connectsPerSecond === undefined) return;
    const network = networkOf(address);
    const state = states.get(network) ?? guard.create();
    // To the end of the line: a map keeps the order of insertion.
    states.delete(network);
    states.set(network, state);
    const [oldest] = states.keys();
    if (states.size > NETWORKS_MAX && oldest !== undefined) states.delete(oldest);
    if (guard.admit(state) !== 'pass') {
      throw new RtError('RATE_LIMITED', { reason: 'too many connections from this address' });
    }
  };
}

/** An IPv4 address as it is, an IPv6 one without its last 64 bits. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = head.split(':').filter(Boolean);
  const behind = tail?.split(':').filter(Boolean).length ?? 0;
  const missing = tail === undefined ? 0 : 8 - groups.length - behind;
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')].slice(0, 4).join(':');
}
