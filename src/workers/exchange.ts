import type { Socket } from 'node:net';
import type { SharedTables, TableChange } from '../contract/cluster.ts';
import { askAll, type Question } from './ask-all.ts';
import type { Posted } from './event-adapter.ts';
import type { Handlers } from './link.ts';
import { createSlotTable, type SlotRules } from './slot-table.ts';
import { stopReading } from './stop-reading.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Where workers reach each other, and what they share. */
export interface Exchange {
  /** What is done with what a worker says. */
  handlersFor(worker: WorkerProcess): Handlers;
  /** Frees what a worker held that is gone. */
  forget(worker: WorkerProcess): void;
}

/** @param workers those that there are: they come and go */
export function createExchange(
  workers: ReadonlyMap<number, WorkerProcess>,
  { slots: rules, tables }: { slots: SlotRules; tables: SharedTables },
): Exchange {
  const slots = createSlotTable<WorkerProcess>(rules);
  /** Users in whose personal room somebody else has been put: who is there, their slots do not say. */
  const guests = new Set<string>();

  const othersOf = (worker: WorkerProcess) => [...workers.values()].filter((each) => each !== worker && each.isJoined);

  /** May a worker have connections of these users? Of any, where it is not known of whom. */
  const mayConcern = (worker: WorkerProcess, users: string[] | undefined) =>
    users === undefined || users.some((userId) => guests.has(userId) || slots.isHolder(worker, userId));

  return {
    handlersFor: (worker) => ({
      ask: (question: Question) => askAll(othersOf(worker), question),
      count: () => othersOf(worker).length + 1,
      event({ event, users }: Posted) {
        for (const each of othersOf(worker)) if (mayConcern(each, users)) each.link.tell('event', event);
      },
      guest: (userId: string) => void guests.add(userId),
      message(message: unknown) {
        for (const { link } of othersOf(worker)) link.tell('message', message);
      },
      claim({ slotId, userId }: { slotId: string; userId: string }) {
        const lost = slots.claim(worker, slotId, userId);
        lost?.holder.link.tell('lost', lost.slotId);
      },
      release: (slotId: string) => slots.release(slotId),
      write: (changes: readonly TableChange[]) => tables.write(changes),
      readAll: (names: readonly string[]) => tables.readAll(names),
      pass({ to, head }: { to: number; head: string }, socket?: Socket) {
        if (socket === undefined) return;
        stopReading(socket);
        socket.on('error', () => {});
        const owner = workers.get(to);
        if (owner === undefined) socket.destroy();
        else owner.give(socket, head);
      },
    }),
    forget: slots.releaseAll,
  };
}
