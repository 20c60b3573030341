import type { Target, TargetSet } from '../contract/emission.ts';
import { type EventRow, PAYLOAD_CHARACTERS_MAX } from '../contract/snapshot.ts';

/** The last events in both directions. */
export interface EventFeed {
  /** Are payloads kept from now on? */
  keepsPayloads: boolean;
  addReceived(event: string, userId: string, payload: unknown): void;
  addEmitted(event: string, target: Target | undefined, recipients: number, payload: unknown): void;
  /** Newest first. */
  list(): EventRow[];
}

const KEPT = 1_000;
const NAME_CHARACTERS_MAX = 200;
const NAMES_SHOWN = 3;

export function createEventFeed(): EventFeed {
  const ring: EventRow[] = [];
  let added = 0;

  const feed: EventFeed = {
    keepsPayloads: false,
    addReceived(event, userId, payload) {
      add({ direction: 'in', event: cut(event), target: `user:${userId}` }, payload);
    },
    addEmitted(event, target, recipients, payload) {
      add({ direction: 'out', event: cut(event), target: describeTarget(target), recipients }, payload);
    },
    list() {
      const start = added % KEPT;
      return [...ring.slice(start), ...ring.slice(0, start)].reverse();
    },
  };

  function add(row: Omit<EventRow, 'key' | 'at' | 'payload'>, payload: unknown): void {
    const shown = feed.keepsPayloads ? { payload: toText(payload) } : {};
    ring[added % KEPT] = { key: String(added), at: Date.now(), ...row, ...shown };
    added++;
  }

  return feed;
}

/** A payload may be anything, also what JSON cannot say. */
function toText(payload: unknown): string {
  try {
    return (JSON.stringify(payload) ?? 'none').slice(0, PAYLOAD_CHARACTERS_MAX);
  } catch {
    return 'not JSON';
  }
}

function describeTarget({ except, ...target }: Target = {}): string {
  const names = namesOf(target);
  const isAll = target.users === undefined && target.rooms === undefined && target.sockets === undefined;
  const left = except === undefined ? [] : namesOf(except);
  return `${isAll ? 'all' : listed(names)}${left.length === 0 ? '' : ` except ${listed(left)}`}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ') || 'nobody';
  return cut(names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown);
}

/** A few of them: a target may list thousands. */
function namesOf({ users = [], rooms = [], sockets = [] }: TargetSet): string[] {
  return [...users.map((user) => `user:${user}`), ...rooms, ...sockets.map((id) => `socket:${id}`)];
}

const cut = (text: string) => (text.length > NAME_CHARACTERS_MAX ? `${text.slice(0, NAME_CHARACTERS_MAX)}…` : text);
