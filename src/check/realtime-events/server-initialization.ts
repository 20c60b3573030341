import type { Scenario } from '../scenario.ts';

export const serverInitialization: Scenario = {
  title: 'Server initialization',
  spec: 'realtime-events',
  requirement: 'WebSocket Server Management',
  does: 'Asks the application inside the server for the realtime server twice, and lets it try to create a second one.',
  expects: 'one and the same server, which carries this very connection on its HTTP server; a second one is refused',
  async run(context) {
    const answer = await context.ask('instance');
    if (answer === undefined) context.cannotSee('how many servers the process holds cannot be seen from outside');
    context.expect.matches('the server that any module gets', answer, {
      isSameEachTime: true,
      carriesThisSocket: true,
      isAttachedToHttp: true,
    });
    context.expect.matches('a second server in the same process', answer, { second: 'SERVER_ALREADY_RUNNING' });
  },
};
