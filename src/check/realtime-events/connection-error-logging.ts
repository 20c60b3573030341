import { show } from '../expectations.ts';
import { LEVEL } from '../log-reader.ts';
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
    const id = 'correlationId' in seen ? seen.correlationId : undefined;
    const isId = typeof id === 'string' && id.length > 0;
    context.expect.holds('the correlation id that the client got', isId, 'some text', show(id));
    await context.findLog(
      'connection.refused',
      LEVEL.warn,
      `with correlation id ${id}`,
      (line) => line['correlationId'] === id,
    );
  },
};
