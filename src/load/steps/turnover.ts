import { drop, leave } from '../enter.ts';
import { isConnected, isLost } from '../member.ts';
import { Outstanding } from '../outstanding.ts';
import { paced, paceFor } from '../pace.ts';
import { plural, showMs, toAmount, toMs } from '../quantity.ts';
import { Unmet } from '../unmet.ts';
import { comeBack } from './come-and-go.ts';
import { connected, each, findLost, howItEnded } from './sockets.ts';
import { defineStep } from './step.ts';

/** Sockets leave and come back, some orderly and some without a word, for as long as it says. */
export const churn = defineStep<{ rate: number | string; for: number | string; within?: number | string }>({
  nature: 'both',
  isJudged: () => true,
  describe: (_args, label) => `sockets of ${label} that leave get back in`,
  takesMs: (args) => toMs(args.for, 'for'),
  async run(args, stage, { label, report }) {
    const members = connected(stage, label);
    const withinMs = args.within === undefined ? 5_000 : toMs(args.within, 'within');
    const turns = new Outstanding();
    const away = new Set<unknown>();
    const pace = paceFor(toAmount(args.rate, 'rate'), toMs(args.for, 'for'));
    await paced(pace, stage.host.recorder, (index) => {
      const member = members[index % members.length];
      // One that is still on its way back has its turn later.
      if (member === undefined || away.has(member)) return;
      away.add(member);
      const turn = async () => {
        if (isLost(member)) throw new Unmet(`it is gone: ${howItEnded(member)}`);
        if (index % 2 === 0) await leave(member);
        else drop(member);
        await comeBack(stage, member, withinMs);
      };
      turns.add(
        turn()
          .then(
            () => report({ passed: 1, failed: 0 }),
            ({ message }: Error) => report({ passed: 0, failed: 1, example: `${member.entrance.user}: ${message}` }),
          )
          .finally(() => away.delete(member)),
      );
    });
    await turns.settle();
    return [];
  },
});

/** All connections break at once, and all come back at once. */
export const storm = defineStep<{ within: number | string }>({
  nature: 'both',
  isJudged: () => true,
  describe: (_args, label) => `all of ${label} get back in after a storm`,
  async run(args, stage, { label }) {
    const members = stage.members(label);
    if (members.length === 0) connected(stage, label);
    const lost = findLost(members);
    if (lost !== undefined) throw new Unmet(lost);
    const withinMs = toMs(args.within, 'within');
    for (const member of members) if (isConnected(member)) drop(member);
    const startedAt = performance.now();
    const outcome = await each(members as never, (member) => comeBack(stage, member, withinMs));
    const tookMs = performance.now() - startedAt;
    stage.host.recorder.note(`${plural(outcome.passed, 'socket')} of ${label} were back after ${showMs(tookMs)}`);
    return [outcome];
  },
});

/** Restarts the server, where it was started for the run. */
export const restart = defineStep<unknown>({
  nature: 'acts',
  isGlobal: true,
  describe: () => 'the server restarts',
  async run(_args, stage) {
    const { restart: restartServer, recorder } = stage.host;
    if (restartServer === undefined) {
      recorder.note('the server is not ours to restart: its connections were dropped instead');
      for (const member of stage.all()) if (isConnected(member)) drop(member);
      return;
    }
    const members = stage.all().filter(isConnected);
    await restartServer();
    // They are told, or notice; what counts is that nobody thinks itself connected any more.
    await Promise.all(members.map(({ wire }) => wire.untilClosed({ timeoutMs: 10_000 }).catch(notClosed)));
    for (const member of members) member.state = 'ended';
  },
});

const notClosed = () => {
  throw new Unmet('a connection outlived the restart of its server');
};
