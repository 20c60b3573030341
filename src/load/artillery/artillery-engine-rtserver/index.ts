import type { EventEmitter } from 'node:events';
import { Compiler, checksOf, qualify } from '../../compile.ts';
import type { Scope } from '../../expression.ts';
import { createPlay, type Failure, type Play } from '../../virtual-user.ts';
import { WorkerSession } from '../worker-session.ts';

interface EngineScript {
  config: {
    rtserver?: { run?: string };
    processor?: Record<string, (...args: unknown[]) => unknown>;
  };
}

/** A scenario of its own, or all of a file to be played one after the other. */
interface Spec {
  name?: string;
  flow: (unknown | { play: Play })[];
}

interface VirtualUserContext {
  vars: Scope;
}

type Callback = (error?: Error | null, context?: VirtualUserContext) => void;

/**
 * Artillery's side of the steps, and nothing else. Whatever goes wrong ends in the callback: an exception in an engine kills
 * the whole run without a report, and a callback that never comes makes it hang for ever.
 */
export default class RtserverEngine {
  readonly #session: WorkerSession | undefined;
  readonly #trouble: Error | undefined;

  constructor(script: EngineScript, events: EventEmitter) {
    try {
      const { run } = script.config.rtserver ?? {};
      if (run === undefined) throw new Error('the engine rtserver is run by `rtserver load`');
      this.#session = new WorkerSession(run, (name, scope) => callProcessor(script, name, scope, events));
      events.once('done', () => this.#session?.flush());
    } catch (error) {
      this.#trouble = error as Error;
    }
  }

  createScenario(spec: Spec, events: EventEmitter): (context: VirtualUserContext, callback: Callback) => void {
    const session = this.#session;
    if (session === undefined) {
      return (context, callback) => {
        events.emit('started');
        callback(this.#trouble, context);
      };
    }
    if (session.settings.hasMetrics) {
      session.recorder.sink = {
        counter: (name, count) => void events.emit('counter', name, count),
        histogram: (name, ms) => void events.emit('histogram', name, ms),
      };
    }
    const plays = playsOf(spec, session.settings.isQualified).map((play) => {
      const compiler = new Compiler();
      const checks = checksOf(play.flow, compiler).map(({ check }) => qualify(play.name, check));
      return { checks, perform: createPlay(play, compiler) };
    });
    return (context, callback) => {
      events.emit('started');
      session.recorder.declare(plays.flatMap(({ checks }) => checks));
      const performAll = async () => {
        const failures: Failure[] = [];
        for (const { perform } of plays) {
          const failure = await perform(session.host, context.vars);
          if (failure !== undefined) failures.push(failure);
        }
        return failures[0];
      };
      performAll()
        .catch((error: unknown) => error as Error)
        .then((failure) => {
          session.flush();
          if (failure !== undefined) events.emit('error', 'rtserver expectation failed');
          callback(failure, context);
        });
    };
  }
}

function playsOf(spec: Spec, isQualified: boolean): Play[] {
  const plays = spec.flow.filter(
    (item): item is { play: Play } => typeof item === 'object' && item !== null && 'play' in item,
  );
  const all = plays.length > 0 ? plays.map(({ play }) => play) : [spec];
  return all.map(({ name, flow }) => ({ name: isQualified ? name : undefined, flow }));
}

/** As Artillery's own engines call one: with a callback, or async. */
async function callProcessor(
  { config }: EngineScript,
  name: string,
  scope: Record<string, unknown>,
  events: EventEmitter,
): Promise<void> {
  const called = config.processor?.[name];
  if (typeof called !== 'function') throw new Error(`config.processor has no function "${name}"`);
  const context = { vars: scope };
  if (called.length < 3) {
    await called(context, events);
    return;
  }
  await new Promise<void>((resolve, reject) => {
    called(context, events, (error?: Error) => (error ? reject(error) : resolve()));
  });
}
