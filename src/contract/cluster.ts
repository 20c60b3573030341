/** What the nodes of a cluster share, as narrow ports: the rest of the program knows no Redis. */

/** Decides over the connection slots of all nodes together. */
export interface SlotStore {
  /**
   * Takes a slot for a user. Resolves when the connection may go on.
   *
   * @throws RtError `MAX_CONNECTIONS_EXCEEDED`, or `STORE_UNAVAILABLE` where `limits.whenStoreDown` is `refuse`
   */
  claim(slotId: string, userId: string): Promise<void>;
  /** Gives it back; also one whose claim is still under way. */
  release(slotId: string): void;
  /** Called with a slot of this node that is another's by now: its connection must end. One listener. */
  onLost(listener: (slotId: string) => void): void;
}

/** What came back from the other nodes. */
export interface Answers<Answer> {
  answers: Answer[];
  /** Nodes that did not answer in time; `null` where nobody could be asked. */
  missing: number | null;
}

/** Questions to all other nodes. Nothing here rejects: a node that does not answer is counted as missing. */
export interface Bus {
  ask<Answer>(topic: string, question: unknown, withinMs?: number): Promise<Answers<Answer>>;
  /** What this node answers to a topic. One handler each. */
  answer(topic: string, handler: (question: never) => unknown): void;
}

/** Tables of text to text that every node sees. */
export interface SharedTables {
  /** @throws RtError `STATE_NOT_SAVED`: nothing is known about what was written then */
  write(changes: readonly TableChange[]): Promise<void>;
  readAll(tables: readonly string[]): Promise<Record<string, Record<string, string>>>;
}

export interface TableChange {
  table: string;
  key: string;
  /** `null` removes the entry. */
  value: string | null;
}

/** What becomes known of events that did not get through. */
export interface EventReports {
  /** An event of this node that the others may not get. */
  onNotHandedOn(event: string, cause: unknown): void;
  /** So many events of another node never came here: found out when its next one comes. */
  onMissed(node: string, count: number): void;
  /** An event of another node, and the rooms here that it is for: none for everybody. */
  onCame(rooms: readonly string[], except: readonly string[]): void;
}

/** The other nodes, and what holds them together. */
export interface Backplane {
  /** What Socket.IO is given as `adapter`. */
  readonly adapter: (namespace: never) => object;
  readonly slots: SlotStore;
  readonly bus: Bus;
  readonly tables: SharedTables;
  /** Why this node is cut off from the others; `undefined` while it is not. */
  trouble(): string | undefined;
  /** Called each time that the connection is back: messages of the others may have been missed. */
  onBack(listener: () => void): void;
  /** Whom to tell about events that did not get through. One at a time. */
  report(reports: EventReports): void;
  close(): Promise<void>;
}

/** Where clients are; the others are for administrators. */
export const MAIN_NAMESPACE = '/';

/**
 * The room that stands for a socket of another node. A socket's id alone would not do: there, somebody may be in a room of
 * that name. No client can name this one, since names of rooms have no control characters.
 */
export const remoteSocketRoom = (socketId: string): string => `\u0000${socketId}`;

/** The id of the socket that a room stands for. */
export function socketOfRemoteRoom(room: string): string | undefined {
  return room.startsWith('\u0000') ? room.slice(1) : undefined;
}
