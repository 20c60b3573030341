import { z } from 'zod';
import type { RecipientAck } from '../../contract/ack.ts';
import type { EmitResponse } from '../../contract/emission.ts';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';
import type {
  EventInfo,
  Page,
  Problem,
  RefusalInfo,
  RoomInfo,
  SocketInfo,
  UserInfo,
} from '../../contract/resources.ts';
import type { NodeStats, ProcessFigures, StatLimits, StatRates, Stats, StatTotals } from '../../contract/stats.ts';

/*
 * What the HTTP API answers, as schemas of the contract's types: where one of the two changes, the other does not compile.
 */

const time = z.int().describe('milliseconds since 1970');
const count = z.int().min(0);
const errorCode = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

export const problem = z.looseObject({
  type: z.string().describe('`urn:rtserver:error:` and the code'),
  title: z.string().describe('the sentence of the code'),
  status: z.int(),
  code: errorCode.describe('what programs act on'),
  detail: z.string().describe('what is wrong here'),
  correlationId: z.string().describe('the same as in the log of the server and in the header `X-Correlation-Id`'),
}) satisfies z.ZodType<Problem>;

export const missingNodes = count
  .nullable()
  .describe('nodes of a cluster that did not answer in time; `null` for all but one; absent when all did')
  .exactOptional();

export const recipientAck = z.discriminatedUnion('ok', [
  z.object({ socketId: z.string(), userId: z.string(), ok: z.literal(true), value: z.unknown() }),
  z.object({
    ...{ socketId: z.string(), userId: z.string(), ok: z.literal(false) },
    error: z.object({ code: errorCode, message: z.string() }),
  }),
]) satisfies z.ZodType<RecipientAck>;

const acks = z.array(recipientAck).describe('one a recipient, where acknowledgements were asked for').exactOptional();

export const emitted = z.object({
  ...{ ok: z.literal(true), recipients: count.describe('sockets, on all nodes'), acks, missingNodes },
});
export const notEmitted = z.object({
  ok: z.literal(false),
  reason: z.enum([
    ...(['SERVER_NOT_RUNNING', 'PAYLOAD_INVALID', 'EVENT_RESERVED', 'EVENT_UNKNOWN'] as const),
    ...(['ADAPTER_FAILED', 'INTERNAL'] as const),
  ]),
  ...{ detail: z.string().exactOptional(), acks, missingNodes },
});
export const emitResult = z.discriminatedUnion('ok', [emitted, notEmitted]) satisfies z.ZodType<EmitResponse>;

export const socketInfo = z.object({
  id: z.string(),
  userId: z.string(),
  rooms: z.array(z.string()),
  transport: z.enum(['websocket', 'polling']),
  address: z.string(),
  connectedAt: time,
  lastSeen: time.describe('milliseconds since 1970: the last heartbeat'),
  bufferedBytes: count.describe('written to it, and not taken by its client yet'),
  node: z.string().describe('which node of a cluster holds it'),
}) satisfies z.ZodType<SocketInfo>;

export const roomInfo = z.object({
  ...{ room: z.string(), sockets: count },
  users: count.describe('where many of a room are on several nodes at once, to within a few per cent'),
}) satisfies z.ZodType<RoomInfo>;

export const userInfo = z.object({
  userId: z.string(),
  sockets: count,
  connectedAt: time.describe('milliseconds since 1970: of the oldest of the live sockets'),
}) satisfies z.ZodType<UserInfo>;

export const refusalInfo = z.object({
  at: time,
  kind: z.enum(['refused', 'closed']),
  code: errorCode,
  userId: z.string().exactOptional(),
  address: z.string(),
  origin: z.string().exactOptional(),
  correlationId: z.string(),
  node: z.string().exactOptional(),
}) satisfies z.ZodType<RefusalInfo>;

export const eventInfo = z.object({
  event: z.string(),
  vendor: z.string().describe('the library that its schema was written with'),
}) satisfies z.ZodType<EventInfo>;

/** One page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  const next = z.string().describe('the `cursor` of the next page; absent on the last').exactOptional();
  return z.object({ items: z.array(item), next, missingNodes }) satisfies z.ZodType<Page<z.output<Item>>>;
}

const rates = {
  ...{ accepted: z.number().min(0), refused: z.number().min(0), closed: z.number().min(0) },
  ...{ eventsEmitted: z.number().min(0), deliveries: z.number().min(0), eventsReceived: z.number().min(0) },
};
const byCode = z.record(z.string(), count);

const statRates = z.object(rates) satisfies z.ZodType<StatRates>;
const statTotals = z.object({
  ...rates,
  ...{ heartbeatTimeouts: count, emitFailures: count, refusedByCode: byCode, closedByCode: byCode },
}) satisfies z.ZodType<StatTotals>;

const statLimits = z.object({
  connectionsPerUser: count,
  onExceeded: z.enum(['reject', 'replace-oldest']),
  connections: count.nullable(),
  roomsPerSocket: count,
  eventsPerSecond: count,
  payloadBytes: count,
  bufferedBytes: count,
  connectsPerSecond: count.nullable(),
  heartbeatTimeoutMs: count,
  heartbeatSource: z.enum(['ping', 'any']),
}) satisfies z.ZodType<StatLimits>;

const processFigures = z.object({
  pid: count,
  rssBytes: count,
  heapUsedBytes: count,
  cpuUserMs: z.number().min(0),
  cpuSystemMs: z.number().min(0),
  eventLoopDelayMs: z.object({ p50: z.number().min(0), p99: z.number().min(0), max: z.number().min(0) }),
}) satisfies z.ZodType<ProcessFigures>;

const nodeStats = z.object({
  ...{ node: z.string(), connections: count, users: count, slots: count, isDraining: z.boolean() },
}) satisfies z.ZodType<NodeStats>;

export const stats = z.object({
  node: z.string(),
  version: z.string(),
  uptimeMs: count,
  serverTime: time,
  connections: count,
  users: count,
  rooms: count,
  slots: count.describe('places held by handshakes and connections'),
  totals: statTotals.describe('since the start of the process'),
  rates: statRates.describe('a second, over the last ten'),
  limits: statLimits.describe('in force; `null` for none'),
  process: processFigures,
  cluster: z
    .object({ nodes: z.array(nodeStats), missingNodes: count.nullable() })
    .describe('every node, the one that was asked first; absent where there is no cluster')
    .exactOptional(),
}) satisfies z.ZodType<Stats>;
