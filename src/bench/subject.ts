/** A server that is measured. */
export interface Subject {
  name: string;
  url: string;
  path: string;
  /** What a user connects with. */
  authOf(user: string): object | undefined;
  /** Sends these events to everyone in the room of the benchmark. */
  publish(events: readonly { event: string; payload: unknown }[]): Promise<unknown>;
  /** The most that one socket may send. */
  eventsPerSecond: number;
  /** How many connections one user may have. */
  connectionsPerUser: number;
}
