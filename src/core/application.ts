import type { EventSchemas } from '../contract/events.ts';
import type { BoundHandler } from './dispatch.ts';
import { createModuleHost, type ModuleHost, type ModuleHostContext, type RealtimeModule } from './modules.ts';

/** What an application brings: the names and shapes of its events, and its modules. */
export interface ApplicationParts {
  events: EventSchemas | undefined;
  modules: readonly RealtimeModule[];
}

/** The same at work. One object, whose fields are replaced together while the server runs: nobody keeps a copy of them. */
export interface Application extends ModuleHost {
  events: EventSchemas | undefined;
}

/** Nothing yet: the parts of the core that read it are made before what they read. */
export function createApplication(): Application {
  return { events: undefined, roomPrefixes: [], handlers: new Map(), connected() {}, disconnected() {} };
}

/**
 * @param context.bind adds the server's own handlers to those of the modules
 * @returns puts the parts to work, all at once
 * @throws RtError `CONFIG_INVALID` when two modules, or one and the server, want the same event
 */
export function prepareApplication(
  application: Application,
  { events, modules }: ApplicationParts,
  context: ModuleHostContext & { bind(ofModules: ModuleHost['handlers']): ReadonlyMap<string, BoundHandler> },
): () => void {
  const host = createModuleHost(modules, context);
  const handlers = context.bind(host.handlers);
  return () => void Object.assign(application, { ...host, events, handlers });
}
