import { WireError } from '../../wire/errors.ts';
import type { WireOptions } from '../../wire/wire-options.ts';
import type { ScenarioContext } from '../context.ts';
import type { Scenario } from '../scenario.ts';

const TRANSPORTS = ['websocket', 'polling'] as const;

export const allowedOrigins: Scenario = {
  title: 'Allowed origins',
  spec: 'realtime-events',
  requirement: 'CORS and Security Configuration',
  does: 'Opens connections, over both transports, from the configured origin, from strangers and from a look-alike.',
  expects: 'the configured origin is let in; every other one is refused before there is a connection',
  async run(context) {
    const { frontendOrigin, isFrontendKnown } = context.target;
    const strangers = ['https://evil.example', `${frontendOrigin}.evil.example`.replace(/:\d+(?=\.)/, ''), 'null'];
    for (const transport of TRANSPORTS) {
      for (const origin of strangers) {
        const seen = await tryOrigin(context, { transport, origin });
        context.expect.matches(`${transport} from ${origin}`, seen, { opened: false });
      }
    }
    for (const transport of TRANSPORTS) {
      const seen = await tryOrigin(context, { transport, origin: frontendOrigin });
      if (!seen.opened && !isFrontendKnown) context.cannotSee('which origin it allows is not known: pass --origin');
      context.expect.matches(`${transport} from ${frontendOrigin}`, seen, { opened: true });
    }
  },
};

async function tryOrigin(context: ScenarioContext, options: WireOptions): Promise<{ opened: boolean }> {
  try {
    (await context.openWire(options)).drop();
    return { opened: true };
  } catch (error) {
    // Anything but an answer of the server is no refusal.
    if (error instanceof WireError && error.status !== undefined) return { opened: false };
    throw error;
  }
}
