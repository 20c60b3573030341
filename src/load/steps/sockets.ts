import type { Wire } from '../../wire/wire.ts';
import { isConnected, isLost, type Member } from '../member.ts';
import type { Stage } from '../stage.ts';
import { Unmet } from '../unmet.ts';

export type Connected = Member & { wire: Wire };

/** The connected sockets of a label; at least one, and none may have been lost. */
export function connected(stage: Stage, label: string): Connected[] {
  const members = stage.members(label);
  const found = members.filter(isConnected);
  const lost = findLost(members);
  if (found.length > 0 && lost === undefined) return found;
  if (members.length === 0) throw new Unmet(`${nameOf(label)} was never connected`);
  if (found.length > 0) throw new Unmet(lost);
  const [member] = members.slice(-1);
  throw new Unmet(`${nameOf(label)} is not connected: ${howItEnded(member as Member)}`);
}

/** How many were lost, and how the first of them ended; `undefined` where none was. */
export function findLost(members: readonly Member[]): string | undefined {
  const lost = members.filter(isLost);
  const [first] = lost;
  if (first === undefined) return undefined;
  const all = members.filter(isConnected).length + lost.length;
  return `${lost.length} of ${all} ${lost.length === 1 ? 'is' : 'are'} gone: ${howItEnded(first)}`;
}

export function howItEnded({ state, wire, closingCode }: Member): string {
  if (state === 'refused') return 'it was refused';
  if (closingCode !== undefined) return `the server closed it with ${closingCode}`;
  if (state === 'left') return 'it has left';
  const end = wire?.closing;
  return end === undefined ? 'it never got that far' : `the ${end.by} ended the connection (${end.code})`;
}

/** Which `connect` of a label was the last; -1 where there was none. */
export const latestBatch = (members: readonly Member[]) =>
  members.reduce((latest, { batch }) => Math.max(latest, batch), -1);

export const DEFAULT_LABEL = 'socket';

export const nameOf = (label: string) => (label === DEFAULT_LABEL ? 'the socket' : label);

/** What all of several did; the first that failed makes the example. */
export async function each(
  members: readonly Connected[],
  run: (member: Connected) => Promise<void>,
): Promise<{ passed: number; failed: number; example?: string | undefined }> {
  const results = await Promise.allSettled(members.map(run));
  const failures = results.filter((result) => result.status === 'rejected');
  const [first] = failures;
  const which = first === undefined ? -1 : results.indexOf(first);
  const prefix = members.length > 1 ? `${members[which]?.label} #${which + 1}: ` : '';
  return {
    passed: results.length - failures.length,
    failed: failures.length,
    example: first === undefined ? undefined : `${prefix}${messageOf(first.reason)}`,
  };
}

const messageOf = (reason: unknown) => (reason instanceof Error ? reason.message : String(reason));
