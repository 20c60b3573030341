import type { Target } from '../contract/emission.ts';
import { personalRoom } from '../contract/rooms.ts';
import type { Connection } from './connection.ts';
import { createEventFeed, type EventFeed } from './observe-feed.ts';
import { createRateWindow, type RateWindow } from './observe-rates.ts';

/** Takes note of what happens, while somebody watches. */
export interface Observer {
  received(connection: Connection, event: string, payload: unknown): void;
  emitted(event: string, target: Target | undefined, recipients: number, payload: unknown): void;
}

/** Where the hot paths look: empty while nobody watches, which is all that it costs them then. */
export interface Observed {
  by: Observer | undefined;
}

/** What was noted since somebody began to watch. */
export interface Observation extends Observer {
  readonly feed: EventFeed;
  readonly perConnection: RateWindow<Connection>;
  readonly perRoom: RateWindow<string>;
  /** Emissions to everyone, which count for every room. */
  readonly toAll: RateWindow<'all'>;
  /** Moves the windows on; called with each snapshot. */
  tick(): void;
}

/** Heartbeats would drown all other events. They count in the rates, and are not in the feed. */
const HEARTBEAT = 'ping';

export function createObservation(): Observation {
  const feed = createEventFeed();
  const perConnection = createRateWindow<Connection>();
  const perRoom = createRateWindow<string>();
  const toAll = createRateWindow<'all'>();

  return {
    ...{ feed, perConnection, perRoom, toAll },
    received(connection, event, payload) {
      perConnection.count(connection);
      if (event !== HEARTBEAT) feed.addReceived(event, connection.identity.userId, payload);
    },
    emitted(event, target, recipients, payload) {
      const { users, rooms, sockets } = target ?? {};
      if (users === undefined && rooms === undefined && sockets === undefined) toAll.count('all');
      for (const room of rooms ?? []) perRoom.count(room);
      for (const user of users ?? []) perRoom.count(personalRoom(user));
      feed.addEmitted(event, target, recipients, payload);
    },
    tick() {
      perConnection.tick();
      perRoom.tick();
      toAll.tick();
    },
  };
}
