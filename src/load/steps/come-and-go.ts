import { formatDuration } from '../../contract/units.ts';
import { drop, enter, leave } from '../enter.ts';
import { isConnected, type Member } from '../member.ts';
import { toMs } from '../quantity.ts';
import type { Stage } from '../stage.ts';
import { Unmet } from '../unmet.ts';
import { connected, each, findLost, nameOf } from './sockets.ts';
import { defineStep } from './step.ts';

/** A socket that went away is away for the server a moment later; it may be refused for its own old place until then. */
const WITHIN_MS = 5_000;
const RETRY_MS = 25;

export const disconnect = defineStep<{ drop?: boolean }>({
  nature: 'acts',
  describe: (args, label) => `${nameOf(label)} ${args?.drop === true ? 'drops' : 'disconnects'}`,
  async run(args, stage, { label }) {
    const lost = findLost(stage.members(label));
    if (lost !== undefined) throw new Unmet(lost);
    const members = stage.members(label).filter(({ state }) => state === 'connected');
    await Promise.all(members.map(async (member) => (args?.drop === true ? drop(member) : leave(member))));
  },
});

export const reconnect = defineStep<{ within?: number | string }>({
  nature: 'both',
  isJudged: () => true,
  describe: (_args, label) => `${nameOf(label)} reconnects`,
  async run(args, stage, { label }) {
    const withinMs = args?.within === undefined ? WITHIN_MS : toMs(args.within, 'within');
    const members = stage.members(label);
    if (members.length === 0) connected(stage, label);
    const lost = findLost(members);
    if (lost !== undefined) throw new Unmet(lost);
    return [await each(members as never, (member) => comeBack(stage, member, withinMs))];
  },
});

/** A new connection for the same socket of the play, with a fresh token. Tries until it is in. */
export async function comeBack(stage: Stage, member: Member, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  if (member.wire !== undefined) {
    if (isConnected(member)) await leave(member);
    stage.detach(member.wire);
  }
  for (;;) {
    const attempt = await enter(stage, member, { timeoutMs: withinMs });
    if (attempt.outcome === 'connected') return;
    if (member.wire !== undefined) stage.detach(member.wire);
    member.wire?.drop();
    if (performance.now() >= deadline) {
      throw new Unmet(`it is not back within ${formatDuration(withinMs)}: ${attempt.message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
