import type { Scenario } from '../scenario.ts';
import { forgeToken } from '../tokens.ts';

export const connectionErrorLogging: Scenario = {
  title: 'Connection error logging',
  spec: 'realtime-events',
  requirement: 'Error Handling and Logging',
  does: 'Connects with a forged token and looks for the refusal in the log.',
  expects: 'the client gets a message that says why, and a correlation id that stands in a warning of the log too',
  async run(context) {
    const { seen } = await context.attempt({ token: forgeToken(context.name('anna')) });
    context.expect.matches('what the client was told', seen, { connected: false, message: 'Invalid token' });
    await context.findRefusal(seen);
  },
};
