import { z } from 'zod';
import type { StepName } from '../steps/index.ts';
import {
  amount,
  anything,
  claims,
  code,
  count,
  duration,
  except,
  flag,
  match,
  seconds,
  target,
  text,
  textOrNumber,
  token,
  transports,
} from './values.ts';

const refusal = z.strictObject({ refused: code, message: text.optional(), connected: count.optional() });

const cohort = {
  users: count.optional().describe('the sockets are dealt out to so many users; default: as few as the limit allows'),
  user: text.optional().describe('what the users are called; a number follows'),
  rate: amount.optional().describe('connections a second; default 500'),
  join: text.optional().describe('a room that each joins'),
  slow: amount.optional().describe('the share that stops reading, 0 to 1'),
  transports: transports.optional(),
  keepAlive: flag.optional().describe('send heartbeats by itself; default true'),
};

/** What stands under the name of a step, where it is an object. */
export const STEP_SCHEMAS: Readonly<Record<StepName, z.ZodObject>> = {
  connect: z
    .strictObject({
      user: textOrNumber,
      token: token.optional(),
      claims: claims.optional(),
      origin: text.optional(),
      transports: transports.optional(),
      expect: z
        .union([z.literal('connected'), refusal], { error: 'must be connected, or { refused: CODE }' })
        .optional(),
      count: count.optional().describe('opens so many at once'),
      within: duration.optional().describe('tries again until then'),
      abandon: flag.optional().describe('sends CONNECT and drops the TCP connection at once'),
    })
    .describe('opens one or several sockets of a user'),
  join: z.strictObject({ room: text, refused: code.optional() }).describe('joins a room; protocol:ID by protocol:join'),
  leave: z.strictObject({ room: text, refused: code.optional() }).describe('leaves a room'),
  switch: z
    .strictObject({ protocolId: textOrNumber, refused: code.optional() })
    .describe('goes over to another protocol room'),
  emit: z
    .strictObject({
      event: text,
      payload: anything.optional(),
      ack: z
        .strictObject({ match: match.optional(), within: duration.optional() })
        .nullable()
        .optional()
        .describe('the acknowledgement that must come; ok: false fails unless match asks for it'),
      rate: amount.optional().describe('so many a second, over all sockets in turn'),
      for: duration.optional().describe('for so long; with rate'),
    })
    .describe('sends an event from the client'),
  publish: z
    .strictObject({
      event: text,
      payload: anything.optional(),
      to: target.optional(),
      except: except.optional(),
      ack: z.strictObject({ timeoutMs: z.int().min(1).optional() }).optional(),
      recipients: count.optional().describe('how many sockets it must have been sent to'),
    })
    .describe('sends an event from the server side, through the HTTP API'),
  receive: z
    .strictObject({ event: text, match: match.optional(), within: duration.optional(), count: count.optional() })
    .describe('what must have arrived, or must arrive in time'),
  receiveNothing: z
    .strictObject({ event: text.optional(), match: match.optional(), for: duration })
    .describe('what must not arrive, and must not have'),
  heartbeat: z
    .strictObject({ every: duration, for: duration, within: duration.optional() })
    .describe('sends heartbeats; each must be answered, and the connection must last'),
  silence: z
    .strictObject({ for: duration, transport: flag.optional().describe('does not answer the transport either') })
    .describe('says nothing'),
  closed: z
    .strictObject({ code: code.optional(), within: duration, notBefore: duration.optional() })
    .describe('the server must have ended the connection'),
  disconnect: z
    .strictObject({ drop: flag.optional().describe('by a TCP reset, without a word') })
    .describe('goes away'),
  reconnect: z.strictObject({ within: duration.optional() }).describe('comes back with a fresh token'),
  refresh: z
    .strictObject({
      token: token.optional(),
      claims: claims.optional(),
      user: text.optional(),
      refused: code.optional(),
    })
    .describe('replaces the token of a live socket'),
  revoke: z.strictObject({ user: text }).describe('revokes all tokens of a user'),
  kick: z.strictObject({ user: text }).describe('closes all connections of a user'),
  cohort: z.strictObject({ sockets: count, ...cohort }).describe('opens many sockets at a rate'),
  broadcast: z
    .strictObject({
      event: text.optional(),
      to: target.optional(),
      count,
      rate: amount.optional().describe('events a second; default 50'),
      payloadBytes: count.optional(),
      within: duration.optional(),
    })
    .describe('publishes events; every socket must get each once and in order'),
  churn: z
    .strictObject({ rate: amount, for: duration, within: duration.optional() })
    .describe('sockets leave and come back'),
  storm: z.strictObject({ within: duration }).describe('all connections break at once and come back at once'),
  restart: z.strictObject({}).describe('restarts the server that was started for the run'),
  climb: z
    .strictObject({
      ...cohort,
      from: count,
      by: count,
      to: count,
      hold: duration.optional(),
      asks: amount.optional(),
      until: z.strictObject({ ackP95: duration.optional(), ackP99: duration.optional(), refused: count.optional() }),
      atLeast: count.optional(),
    })
    .describe('more and more sockets, until a threshold breaks'),
  think: z.strictObject({ value: seconds }).describe('waits; a bare number is seconds'),
  loop: z
    .strictObject({
      steps: z.array(anything),
      count: count.optional(),
      over: anything.optional(),
      loopValue: text.optional(),
      loopElement: text.optional(),
    })
    .describe('repeats steps'),
  parallel: z.strictObject({ steps: z.array(anything) }).describe('does several steps at once'),
  log: z.strictObject({ value: anything }).describe('prints a text'),
  function: z.strictObject({ value: text }).describe('calls a function of config.processor'),
};

/** Keys that any step may have beside its name. */
export const BESIDE = ['as', 'name'] as const;

/** Artillery writes the options of a loop beside it. */
export const BESIDE_LOOP = ['count', 'over', 'loopValue', 'loopElement'] as const;
