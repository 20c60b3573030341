// The processes of a comparison, and what the operating system says about them. Linux only: it reads /proc.
import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PAGE_BYTES = 4_096;
const ORDER_TIMEOUT_MS = 900_000;

/** A process that takes orders over IPC, one answer each. */
export class Worker {
  #child;
  #waiting = new Map();
  #lastId = 0;
  ready;

  constructor(path, env = {}) {
    const file = fileURLToPath(new URL(path, import.meta.url));
    this.#child = fork(file, {
      execArgv: ['--expose-gc'],
      env: { ...process.env, NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.ready = new Promise((resolve, reject) => {
      this.#child.once('exit', (code, signal) => {
        const error = new Error(`${path} ended by itself (${signal ?? code})`);
        reject(error);
        for (const waiting of this.#waiting.values()) waiting.reject(error);
      });
      this.#child.on('message', ({ id, result, error, ready }) => {
        if (ready !== undefined) resolve(ready);
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (error === undefined) waiting?.resolve(result);
        else waiting?.reject(new Error(`${path}: ${error}`));
      });
    });
    this.ready.catch(() => {});
  }

  order(order, details = {}) {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(reject)(new Error(`no answer to "${order}"`)), ORDER_TIMEOUT_MS);
      const settle = (how) => (value) => {
        clearTimeout(timer);
        how(value);
      };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#child.send({ id, order, ...details });
    });
  }

  /** Milliseconds that the process has run on any CPU so far: of all its threads, in the scheduler's nanoseconds. */
  cpuMs() {
    const tasks = `/proc/${this.#child.pid}/task`;
    let ns = 0;
    for (const task of readdirSync(tasks))
      ns += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
    return ns / 1e6;
  }

  rssBytes() {
    return Number(readFileSync(`/proc/${this.#child.pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  }

  async close() {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.disconnect();
    });
  }
}
