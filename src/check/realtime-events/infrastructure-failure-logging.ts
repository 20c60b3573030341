import { CHECK_EVENT } from '../event-names.ts';
import { LEVEL } from '../log-reader.ts';
import type { Scenario } from '../scenario.ts';

export const infrastructureFailureLogging: Scenario = {
  title: 'Infrastructure failure logging',
  spec: 'realtime-events',
  requirement: 'Error Handling and Logging',
  does: 'Lets the application emit while its process has no server yet.',
  expects: 'a warning in the log that names the missing server, and nothing thrown',
  async run(context) {
    const early = await context.ask('early');
    if (early === undefined) context.cannotSee('a process without its server cannot be seen from outside');
    context.expect.matches('the emission without a server', early, { completed: true, emission: { ok: false } });
    await context.findStartLog('event.failed', LEVEL.warn, 'that names the missing server', ({ event, reason }) => {
      return event === CHECK_EVENT && reason === 'SERVER_NOT_RUNNING';
    });
  },
};
