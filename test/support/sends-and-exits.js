// A server that, told to, sends twenty events and ends its process in the same turn of the event loop.
import jwt from 'jsonwebtoken';
import { createRealtimeServer } from '../../dist/index.js';

const secret = 'a-secret-for-tests-that-is-long-enough';
const server = await createRealtimeServer({ port: 0, auth: { secret }, log: { level: 'silent' } });
process.on('message', () => {
  for (let number = 0; number < 20; number += 1) server.emitter.emit('news', number);
  process.exit(0);
});
process.send({ url: server.url, token: jwt.sign({ sub: 'ann' }, secret, { expiresIn: '1h' }) });
