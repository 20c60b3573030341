import { startBuiltServer, type TestedServer } from '../hardening/built-server.ts';
import { type ExternalTool, isToolMissing } from '../support/external-tool.ts';
import { startRedis } from '../support/redis.ts';
import { startTwoNodes } from '../support/start-nodes.ts';
import { startWorkers } from '../workers/start-workers.ts';

/** A way to run rtserver, which delivers as every other does. */
export interface Place {
  name: string;
  isMissing: boolean;
  /** Two ways in, which may be the same: clients and emissions take both. */
  open(): Promise<readonly [TestedServer, TestedServer]>;
}

const needs = (tool: ExternalTool) => isToolMissing(tool);

export const PLACES: readonly Place[] = [
  {
    name: 'one node',
    isMissing: false,
    async open() {
      const server = await startBuiltServer({ shutdown: { spread: 0 } });
      return [server, server];
    },
  },
  {
    name: 'two nodes on Redis',
    isMissing: needs('redis-server'),
    open: async () => startTwoNodes(await startRedis()),
  },
  {
    name: 'two workers',
    isMissing: false,
    async open() {
      const server = await startWorkers();
      return [server, server];
    },
  },
];
