import type { AdminClient } from '../client/admin.ts';
import type { EmitResponse } from '../contract/emission.ts';
import { toClipboard } from './clipboard.ts';
import type { Dispatch } from './dashboard.ts';
import { count, counted, safe } from './format.ts';
import type { Tone } from './spans.ts';
import type { Effect } from './state.ts';
import type { Terminal } from './terminal.ts';

type Said = readonly [text: string, tone: Tone];

/** Does what the model asks for, by way of the HTTP API and the terminal. */
export function createPerform(
  admin: AdminClient,
  { send, redraw, suspend }: Pick<Terminal, 'send' | 'redraw' | 'suspend'>,
  quit: (exit: { interrupted: boolean; stopsServer: boolean }) => void,
) {
  async function carryOut(effect: Effect): Promise<Said | undefined> {
    switch (effect.type) {
      case 'kick': {
        const { closed, missingNodes } = await admin.kick(effect.whom);
        if (closed === 0 && isWhole(missingNodes)) return ['nobody was there any more', 'warn'];
        return ofCluster(`closed ${counted(closed, 'connection')}`, 'good', missingNodes);
      }
      case 'emit': {
        const answer = await admin.emit(effect.request);
        if (!answer.ok) return [`not sent: ${safe(answer.detail ?? answer.reason)}`, 'bad'];
        const { recipients, missingNodes } = answer;
        const said = `${safe(effect.request.event)} reached ${count(recipients)}`;
        return ofCluster(said, recipients === 0 ? 'warn' : 'good', missingNodes);
      }
      case 'copy':
        send(toClipboard(effect.text));
        return undefined;
      case 'redraw':
        redraw();
        return undefined;
      case 'suspend':
        suspend();
        return undefined;
      case 'quit':
        quit(effect);
        return undefined;
    }
  }

  return (effect: Effect, dispatch: Dispatch): void => {
    carryOut(effect).then(
      (said) => said && dispatch({ type: 'notice', text: said[0], tone: said[1] }),
      (error: unknown) => dispatch({ type: 'notice', text: safe((error as Error).message), tone: 'bad' }),
    );
  };
}

type MissingNodes = EmitResponse['missingNodes'];

const isWhole = (missingNodes: MissingNodes) => missingNodes === undefined || missingNodes === 0;

/** Warns where an answer is not of the whole cluster. */
function ofCluster(said: string, tone: Tone, missingNodes: MissingNodes): Said {
  if (missingNodes === null) return [`${said}; cut off from the other nodes`, 'warn'];
  return isWhole(missingNodes) ? [said, tone] : [`${said}; ${counted(missingNodes, 'node')} did not answer`, 'warn'];
}
