import type { AdminClient } from '../client/admin.ts';
import type { Stats } from '../contract/stats.ts';
import type { ServerFigures } from './result.ts';

const EVERY_MS = 1_000;
const POLL_MS = 50;

/** The server's own account of a run, from `/api/stats`. */
export class ServerWatch {
  readonly admin: AdminClient;
  /** Before the run. */
  readonly before: Stats;
  #latest: Stats;
  #connectionsMax = 0;
  #rssBytesMax = 0;
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  private constructor(admin: AdminClient, before: Stats) {
    this.admin = admin;
    this.before = before;
    this.#latest = before;
    this.#timer = setInterval(() => void this.ask(), EVERY_MS);
    this.#timer.unref();
  }

  static async open(admin: AdminClient): Promise<ServerWatch> {
    return new ServerWatch(admin, await readStats(admin));
  }

  /** `null` where the server counts nothing. */
  figures(): ServerFigures | null {
    const [from, to] = [this.before, this.#latest];
    if (to.process.pid === 0) return null;
    // After a restart it counts from nothing.
    const isSame = from.process.pid === to.process.pid;
    const since = (read: (stats: Stats) => number) => read(to) - (isSame ? read(from) : 0);
    return {
      isSinceRestart: !isSame,
      accepted: since(({ totals }) => totals.accepted),
      refused: since(({ totals }) => totals.refused),
      closed: since(({ totals }) => totals.closed),
      deliveries: since(({ totals }) => totals.deliveries),
      eventsReceived: since(({ totals }) => totals.eventsReceived),
      connectionsMax: this.#connectionsMax,
      rssBytesMax: this.#rssBytesMax,
      cpuMs: since(({ process }) => process.cpuUserMs + process.cpuSystemMs),
      eventLoopDelayP99Ms: to.process.eventLoopDelayMs.p99,
    };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** The figures of now; `undefined` where there is no answer. */
  async ask(): Promise<Stats | undefined> {
    if (this.#isAsking) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    this.#isAsking = true;
    try {
      const stats = await readStats(this.admin);
      this.#latest = stats;
      this.#connectionsMax = Math.max(this.#connectionsMax, stats.connections);
      this.#rssBytesMax = Math.max(this.#rssBytesMax, stats.process.rssBytes);
      return stats;
    } catch {
      return undefined;
    } finally {
      this.#isAsking = false;
    }
  }
}

/** A server that speaks the contract but knows no process figures is asked for what it has. */
async function readStats(admin: AdminClient): Promise<Stats> {
  const stats = (await admin.stats()) as Partial<Stats>;
  const { totals, process } = stats;
  return {
    connections: 0,
    slots: 0,
    users: 0,
    rooms: 0,
    ...stats,
    totals: { accepted: 0, refused: 0, closed: 0, deliveries: 0, eventsReceived: 0, ...totals },
    process: {
      pid: 0,
      rssBytes: 0,
      cpuUserMs: 0,
      cpuSystemMs: 0,
      ...process,
      eventLoopDelayMs: { p50: 0, p99: 0, max: 0, ...process?.eventLoopDelayMs },
    },
  } as Stats;
}
