import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { followLogFile, type LogLine } from '../../src/check/log-reader.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('reads each line of a log once, for however many look at once', async () => {
  const path = join(tempFolder(), 'server.log');
  writeFileSync(path, '');
  const { logs, close } = await followLogFile(path);
  onTestFinished(close);
  const written = Array.from({ length: 40 }, (_, id) => `user-${id}`);
  for (const userId of written) {
    appendFileSync(path, `${JSON.stringify({ level: 30, time: 0, msg: 'connection.accepted', userId })}\n`);
    const isIt = (line: LogLine) => line['userId'] === userId;
    const look = () => logs.find('connection.accepted', `of ${userId}`, isIt, { waitMs: 2_000 });
    await Promise.all(Array.from({ length: 8 }, look));
  }
  expect(logs.lines.map((line) => line['userId'])).toEqual(written);
});
