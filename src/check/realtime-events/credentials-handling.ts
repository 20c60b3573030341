import { randomBytes } from 'node:crypto';
import type { Scenario } from '../scenario.ts';
import { forgeToken } from '../tokens.ts';

export const credentialsHandling: Scenario = {
  title: 'Credentials handling',
  spec: 'realtime-events',
  requirement: 'CORS and Security Configuration',
  does: 'Sends a good token in the URL, and a bad one, and goes on after the refusal; reads the log for tokens.',
  expects: 'a token in a URL is refused, nothing is granted without a verified token, and no token is logged',
  async run(context) {
    const { expect, target } = context;
    const userId = context.name('anna');
    const token = await context.tokenOf(userId);
    const inQuery = await context.attempt({ query: { token } });
    expect.matches('a token in the URL', inQuery.seen, { connected: false, code: 'CREDENTIALS_IN_QUERY' });
    const good = await context.connect(userId, { token });

    // A stock client takes the refusal for an answer; whoever means harm goes on.
    const intruder = await context.openWire();
    const room = context.name('room');
    const forged = forgeToken(userId);
    const answer = await intruder.connect({ auth: { token: forged } });
    expect.matches('the answer to a forged token', answer, { ok: false, code: 'TOKEN_INVALID' });
    intruder.emit('room:join', { room });
    // What is sent on one connection is taken in order: with the next refusal, or the end, the request has been seen.
    await intruder.connect({ auth: { token: forged } }).catch(() => {});
    expect.matches('a join with a good token', await good.request('room:join', { room: `${room}-good` }), { ok: true });
    const rooms = () => context.roomsLike(room);
    await expect.eventually('the rooms that both then asked for', rooms, [`${room}-good`]);
    const garbage = await context.attempt({ token: randomBytes(24).toString('base64url') });
    expect.matches('a token that is none', garbage.seen, { connected: false });

    // A line may be on its way: with that of a refusal, what was written before it has been read.
    const ofForged = 'data' in answer ? answer.data : undefined;
    for (const refusal of [inQuery.seen, ofForged, garbage.seen]) await context.findRefusal(refusal);
    const logged = [token, forged].filter((each) => target.logs?.text.includes(each));
    expect.equal('tokens in the log', logged.length, 0);
  },
};
