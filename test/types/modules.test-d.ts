import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { createRealtimeServer, defineHandler, defineModule, RtError } from '../../src/index.ts';

/** Checked by `tsc`, never run. */
export const board = defineModule({
  name: 'board',
  roomPrefix: 'board/',
  handlers: {
    'board:zod': defineHandler(z.object({ n: z.coerce.number() }), ({ n }, { join, leave, userId, user, socket }) => {
      const twice: number = n * 2;
      // @ts-expect-error: not a text
      const text: string = n;
      join(`board/${userId}`);
      leave(text);
      // @ts-expect-error: a room is a text
      join(7);
      return { twice, role: user['role'], id: socket.id };
    }),
    'board:valibot': defineHandler(v.object({ n: v.number() }), ({ n }) => {
      const twice: number = n * 2;
      return { twice };
    }),
    'board:arktype': defineHandler(type({ n: 'number' }), ({ n }) => {
      const twice: number = n * 2;
      return { twice };
    }),
    'board:raw': (payload) => {
      // @ts-expect-error: unknown until it is checked
      void payload.n;
      throw new RtError('FORBIDDEN', { reason: 'closed' });
    },
  },
  onConnect: ({ socket }) => {
    const userId: string = socket.data.userId;
    void userId;
  },
});

// @ts-expect-error: a module has a name
defineModule({ handlers: {} });
// @ts-expect-error: a code that is not in the table
void new RtError('NO_SUCH_CODE');

void createRealtimeServer({ auth: { secret: 'x' }, modules: [board] });
