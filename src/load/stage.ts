import type { AdminClient } from '../client/admin.ts';
import type { ReceivedEvent } from '../wire/inbox.ts';
import type { Wire } from '../wire/wire.ts';
import type { Scope } from './expression.ts';
import type { Member } from './member.ts';
import type { Recorder } from './recorder.ts';
import type { TokenMaker } from './tokens.ts';
import { Unmet } from './unmet.ts';

/** What a virtual user is given by whoever runs it: Artillery, or a test. */
export interface Host {
  target: { url: string; path: string };
  tokens: TokenMaker;
  recorder: Recorder;
  /** The HTTP API; `undefined` where nobody may use it. */
  admin: AdminClient | undefined;
  /** Restarts the server; only where it was started for the run. */
  restart?: (() => Promise<void>) | undefined;
  log(text: string): void;
  /** A function of `config.processor`. */
  call(name: string, scope: Record<string, unknown>): Promise<void>;
}

/** The sockets of one virtual user, and what they have in common. */
export class Stage {
  readonly host: Host;
  /** Variables; steps may add some. */
  readonly scope: Record<string, unknown>;
  readonly cast = new Map<string, Member[]>();
  readonly #byWire = new Map<Wire, Member>();
  readonly #watchers = new Set<(received: ReceivedEvent, member: Member) => void>();
  readonly #closers: (() => void)[] = [];
  /** Was anything set off since the last expectation? */
  #isArmed = false;

  constructor(host: Host, scope: Scope) {
    this.host = host;
    this.scope = { ...scope };
  }

  /** Sockets of a label, connected or not. */
  members(label: string): Member[] {
    return this.cast.get(label) ?? [];
  }

  all(): Member[] {
    return [...this.cast.values()].flat();
  }

  /** Before something is set off: what comes from now on counts as its effect. */
  arm(): void {
    if (!this.#isArmed) {
      for (const { mailbox } of this.all()) if (mailbox !== undefined) mailbox.mark = mailbox.count;
    }
    this.#isArmed = true;
  }

  /** Something was done that may end any of the connections. */
  actOnAll(): void {
    const now = performance.now();
    for (const member of this.all()) member.actedAt = now;
  }

  /** After an expectation: what is set off next begins a new look back. */
  disarm(): void {
    this.#isArmed = false;
  }

  /** Listens to a wire on behalf of a member. */
  attach(member: Member, wire: Wire): void {
    member.wire = wire;
    this.#byWire.set(wire, member);
    wire.onEvent(this.#onEvent);
  }

  detach(wire: Wire): void {
    this.#byWire.delete(wire);
  }

  /** Calls back on each event of each socket. Returns how to stop. */
  watch(watcher: (received: ReceivedEvent, member: Member) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Does this when the virtual user is over. */
  onClose(close: () => void): void {
    this.#closers.push(close);
  }

  requireAdmin(): AdminClient {
    if (this.host.admin !== undefined) return this.host.admin;
    throw new Unmet(
      'the HTTP API is needed here, and there is neither a secret to make an admin token with nor --token',
    );
  }

  /** Ends every socket. Resolves when the connections are gone. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) close();
    const wires = [...this.#byWire.keys()];
    for (const wire of wires) wire.resume();
    await Promise.all(wires.map((wire) => wire.close().catch(() => {})));
  }

  readonly #onEvent = (received: ReceivedEvent, wire: Wire): void => {
    const member = this.#byWire.get(wire);
    if (member === undefined) return;
    this.host.recorder.count('received');
    if (received.event === 'closing') {
      member.closingCode = (received.payload as { code?: string } | undefined)?.code ?? 'without a code';
    }
    received.reply?.({ ok: true });
    member.mailbox?.add(received);
    for (const watcher of this.#watchers) watcher(received, member);
  };
}
