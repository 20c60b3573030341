// Holds many sockets by a cohort, as `rtserver load` does, and says what each of them takes. Started by load.js.
import { Recorder } from '../dist/load/recorder.js';
import { createPlay } from '../dist/load/virtual-user.js';

const [url, count] = process.argv.slice(2);
const recorder = new Recorder();

function memory() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().rss;
}

const perform = createPlay({
  flow: [
    { cohort: { sockets: 50, rate: 500, keepAlive: false, user: 'warm' }, as: 'warm' },
    { function: 'before' },
    { cohort: { sockets: Number(count), rate: 200, keepAlive: false }, as: 'crowd' },
    { think: '2s' },
    { function: 'after' },
  ],
});
let before = 0;
const failure = await perform(
  {
    target: { url, path: '/socket.io' },
    tokens: { kind: 'given', token: 'x.y.z' },
    recorder,
    admin: undefined,
    log: () => {},
    async call(name) {
      if (name === 'before') before = memory();
      else process.send({ held: recorder.open - 50, bytesPerSocket: (memory() - before) / Number(count) });
    },
  },
  { connectionsPerUser: 3, heartbeatTimeoutMs: 600_000 },
);
if (failure !== undefined) {
  console.error(failure.message);
  process.exitCode = 1;
}
process.disconnect();
