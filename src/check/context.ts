import type { EmitRequest, EmitResponse, TargetSet } from '../contract/emission.ts';
import type { LogName } from '../contract/log-names.ts';
import type { SocketInfo } from '../contract/resources.ts';
import { openWire } from '../wire/open-wire.ts';
import type { Wire } from '../wire/wire.ts';
import type { WireOptions } from '../wire/wire-options.ts';
import { APPLICATION_EVENT, CHECK_EVENT } from './event-names.ts';
import { Expectations, NotTried, show, Unmet } from './expectations.ts';
import { LEVEL, type LogLine } from './log-reader.ts';
import { Peer, type PeerOptions, type SeenRefusal } from './peer.ts';
import { type Target, tokenOf } from './target.ts';

const KEEP_ALIVE_MS = 500;

/** How an attempt to connect ended, as plain data to compare. */
export type SeenAttempt = { connected: true } | ({ connected: false } & SeenRefusal);

/** What one scenario works with. Its names are its own, so that scenarios and runs do not meet on one server. */
export class ScenarioContext {
  readonly target: Target;
  readonly expect: Expectations;
  /** Wait for a heartbeat timeout of any length? */
  readonly isFull: boolean;
  readonly #prefix: string;
  readonly #closers: (() => void)[] = [];
  readonly #end = new AbortController();
  #count = 0;

  constructor(target: Target, prefix: string, isFull: boolean) {
    this.target = target;
    this.isFull = isFull;
    this.expect = new Expectations(target.waitMs, this.#end.signal);
    this.#prefix = prefix;
  }

  /** A user, a room, a protocol or an id of this scenario alone. */
  name(label: string): string {
    return `${this.#prefix}-${label}`;
  }

  tokenOf(userId: string): Promise<string> {
    return tokenOf(this.target, userId);
  }

  /** A stock client that must get through; it keeps its heartbeat. */
  async connect(userId: string, options: PeerOptions = {}): Promise<Peer> {
    const { peer, seen } = await this.attempt({ token: await this.tokenOf(userId), ...options });
    if (!seen.connected) {
      throw new Unmet({ what: `the connection of ${userId}`, expected: 'connected', seen: `refused: ${seen.message}` });
    }
    return peer;
  }

  /** A stock client that gets through or not. */
  async attempt(options: PeerOptions): Promise<{ peer: Peer; seen: SeenAttempt }> {
    const { origin, path, waitMs, heartbeatTimeoutMs } = this.target;
    const peer = new Peer(origin, { path, ...options }, waitMs);
    this.#closeAtEnd(() => peer.close());
    // From the start, and often: a server that greets nobody has not told its timeout either.
    peer.keepAlive(Math.min(heartbeatTimeoutMs / 4, KEEP_ALIVE_MS));
    const refusal = await peer.open();
    return { peer, seen: refusal === undefined ? { connected: true } : { connected: false, ...refusal } };
  }

  /** A raw client, for what a stock one does not do. */
  async openWire(options: WireOptions = {}): Promise<Wire> {
    const { origin, path, waitMs } = this.target;
    const wire = await openWire(origin, { path, timeoutMs: waitMs, ...options });
    this.#closeAtEnd(() => wire.drop());
    return wire;
  }

  /** Emits an event to `to`, everyone without it. Resolves to its id when the server has sent it. */
  async publish(to?: TargetSet, more: Record<string, unknown> = {}): Promise<string> {
    const id = this.name(`event-${++this.#count}`);
    await this.emit({ event: CHECK_EVENT, payload: { id, ...more }, ...(to !== undefined && { to }) });
    return id;
  }

  async emit(emission: EmitRequest): Promise<EmitResponse> {
    this.requireEvent();
    return this.target.admin.emit(emission);
  }

  requireEvent(): void {
    const { declaredEvents } = this.target;
    if (declaredEvents === undefined || declaredEvents.includes(CHECK_EVENT)) return;
    throw new NotTried(
      `the server emits only events that it declares: declare "${CHECK_EVENT}" with a string "id" to have this tried`,
    );
  }

  async receives(peer: Peer, id: string): Promise<Record<string, unknown>> {
    return peer.next(CHECK_EVENT, (payload: { id?: unknown }) => payload?.id === id);
  }

  /**
   * Which of these ids a peer has received. No sleep: a connection keeps its order, so when an event that was emitted to the
   * socket itself has arrived, whatever the server sent before has arrived too.
   */
  async receivedOf(peer: Peer, ids: readonly string[]): Promise<string[]> {
    await this.receives(peer, await this.publish({ sockets: [peer.socket.id ?? ''] }));
    const received = new Set(peer.received.map(({ payload }) => (payload as { id?: unknown } | undefined)?.id));
    return ids.filter((id) => received.has(id));
  }

  /** The sockets of a user as the server lists them. */
  async socketsOf(userId: string): Promise<SocketInfo[]> {
    return (await this.target.admin.sockets({ user: userId })).items;
  }

  /** The names of rooms that begin so, as the server lists them. */
  async roomsLike(prefix: string): Promise<string[]> {
    return (await this.target.admin.rooms({ prefix })).items.map(({ room }) => room);
  }

  /** Asks the application that runs inside the server, where it does. */
  async ask(question: string): Promise<Record<string, unknown> | undefined> {
    if (!this.target.hasApplication) return undefined;
    return (await this.connect(this.name(`asks-${question}`))).request(APPLICATION_EVENT, { ask: question });
  }

  /** Looks for a log line; ends the scenario as not tried where the log cannot be read. */
  async findLog(name: LogName, level: number, about: string, match: (line: LogLine) => boolean): Promise<LogLine> {
    const { logs, waitMs } = this.target;
    const { signal } = this.#end;
    if (logs === undefined) this.cannotSee('its log cannot be read from outside: pass --log FILE');
    const line = await logs.find(name, about, match, { waitMs, signal }).catch((error: Unmet) => {
      const isSilent = level < LEVEL.info && !logs.isDebug && !logs.lines.some((each) => each.level < LEVEL.info);
      return isSilent
        ? this.cannotSee('its log has no debug lines: set its log.level to debug')
        : Promise.reject(error);
    });
    this.expect.matches(`the log line "${name}" ${about}`, line, { level });
    return line;
  }

  /** Looks for the log line of a refusal, as the client that was refused knows it. */
  async findRefusal(refusal: unknown): Promise<void> {
    const id = (refusal as { correlationId?: unknown } | undefined)?.correlationId;
    const isId = typeof id === 'string' && id.length > 0;
    this.expect.holds('the correlation id that the client got', isId, 'some text', show(id));
    const about = `with correlation id ${id}`;
    await this.findLog('connection.refused', LEVEL.warn, about, (line) => line['correlationId'] === id);
  }

  /** As `findLog`, of a line that the server wrote before it listened. */
  async findStartLog(name: LogName, level: number, about: string, match: (line: LogLine) => boolean): Promise<LogLine> {
    const { logs } = this.target;
    if (logs?.readStart === undefined) return this.findLog(name, level, about, match);
    const lines = await logs.readStart((line) => line.msg === name && match(line));
    if (lines === undefined) this.cannotSee('its log does not go back to its start');
    this.expect.matches(`the log line "${name}" ${about}`, lines[0], { level });
    return lines[0] as LogLine;
  }

  /** Ends the scenario: what can be seen of this server holds, the rest cannot be seen. */
  cannotSee(why: string): never {
    throw new NotTried(this.expect.observations.length === 0 ? why : `what can be seen holds; ${why}`);
  }

  /** Ends what the scenario has opened and what it waits for, so that it soon fails where it still runs. Safe twice. */
  close(): void {
    this.#end.abort();
    for (const close of this.#closers.splice(0)) close();
  }

  #closeAtEnd(close: () => void): void {
    this.#closers.push(close);
    if (!this.#end.signal.aborted) return;
    this.close();
    this.#end.signal.throwIfAborted();
  }
}
