import { CHECK_EVENT } from '../event-names.ts';
import { LEVEL } from '../log-reader.ts';
import type { Scenario } from '../scenario.ts';

export const eventEmissionLogging: Scenario = {
  title: 'Event emission logging',
  spec: 'realtime-events',
  requirement: 'Error Handling and Logging',
  does: 'Emits an event to a user and looks for it in the log.',
  expects: 'a debug line with the event, whom it was for, and when',
  async run(context) {
    const userId = context.name('anna');
    const from = Date.now();
    await context.publish({ users: [userId] });
    const isIt = (targets: unknown) => JSON.stringify(targets)?.includes(JSON.stringify(userId)) === true;
    const line = await context.findLog('event.emitted', LEVEL.debug, `to ${userId}`, ({ targets }) => isIt(targets));
    context.expect.matches('the event in that line', line, { event: CHECK_EVENT });
    // A server on another machine may have another idea of the time, but not of the hour.
    const isNear = Math.abs(line.time - from) < 3_600_000;
    context.expect.holds('the time in that line', isNear, `about ${from}`, line.time);
  },
};
