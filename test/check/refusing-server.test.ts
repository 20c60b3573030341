import { expect, test } from 'vitest';
import { openTarget } from '../../src/check/target.ts';
import { startServer } from '../support/start-server.ts';

test('a server that refuses with a code of its own is named as one that refuses', async () => {
  const { url, server, adminToken } = await startServer();
  server.io.use((_, next) => next(Object.assign(new Error('banned'), { data: { code: 'MY_CODE' } })));
  await expect(openTarget({ url, adminToken: () => adminToken })).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message: 'Not allowed: banned',
  });
});
