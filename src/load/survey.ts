import type { Ready } from '../contract/events.ts';
import { openWire } from '../wire/open-wire.ts';
import { makeToken, type TokenMaker } from './tokens.ts';

/** What a server says of itself to whoever connects: variables of every scenario. */
export interface ServerLimits {
  heartbeatTimeoutMs?: number;
  connectionsPerUser?: number;
  pingIntervalMs: number;
  pingTimeoutMs: number;
  maxPayloadBytes: number;
}

/** It is there, and did not let us in. */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

const READY_MS = 2_000;

/**
 * Connects once. Not every server says `ready`; what it does not say is left to `--var`.
 *
 * @throws WireError where nobody is there, `Refused` where we are not let in
 */
export async function surveyServer(target: { url: string; path: string }, tokens: TokenMaker): Promise<ServerLimits> {
  const wire = await openWire(target.url, { path: target.path });
  try {
    const ready = wire.next<Ready>('ready', { timeoutMs: READY_MS }).catch(() => undefined);
    const answer = await wire.connect({ auth: { token: makeToken(tokens, 'rtserver-load-survey') } });
    if (!answer.ok) throw new Refused(answer.message, answer.code);
    const { pingInterval, pingTimeout, maxPayload } = wire.open;
    const said = (await ready)?.payload;
    return {
      ...(typeof said?.heartbeatTimeoutMs === 'number' && { heartbeatTimeoutMs: said.heartbeatTimeoutMs }),
      ...(typeof said?.connectionsPerUser === 'number' && { connectionsPerUser: said.connectionsPerUser }),
      ...{ pingIntervalMs: pingInterval, pingTimeoutMs: pingTimeout, maxPayloadBytes: maxPayload },
    };
  } finally {
    await wire.close();
  }
}
