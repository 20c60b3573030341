import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createTurnEnd } from '../../src/core/turn-end.ts';
import { until } from '../support/until.ts';

/** A stream that takes a while for each write, and says what it got. */
function slowStream(written: string[], name: string, busyMs: number): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      const until = performance.now() + busyMs;
      while (performance.now() < until);
      written.push(`${name}${chunk}`);
      done();
    },
  });
}

/** Holds streams back by corking them, as delivery does. */
function createCorks() {
  const { add, flush } = createTurnEnd<Writable>((stream) => stream.uncork());
  const cork = (stream: Writable) => {
    stream.cork();
    add(stream);
  };
  return { cork, flush };
}

test('many streams are written in parts, with the events of others between, each in its order', async () => {
  const { cork } = createCorks();
  const written: string[] = [];
  const streams = Array.from({ length: 400 }, (_, number) => slowStream(written, `${number}:`, 0.2));
  for (const stream of streams) {
    cork(stream);
    stream.write('a');
  }
  expect(written).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 1));
  const before = written.length;
  expect(before).toBeLessThan(streams.length);
  for (const stream of streams) if (stream.writableCorked > 0) stream.write('b');
  await until(() => streams.every((stream) => stream.writableCorked === 0), { what: 'all are written' });
  const expected = streams.flatMap((_, number) => (number < before ? [`${number}:a`] : [`${number}:a`, `${number}:b`]));
  expect(written).toEqual(expected);
});

test('a flush does not wait for the end of the turn', () => {
  const { cork, flush } = createCorks();
  const written: string[] = [];
  const streams = Array.from({ length: 100 }, (_, number) => slowStream(written, `${number}`, 0.2));
  for (const stream of streams) {
    cork(stream);
    stream.write('');
  }
  flush();
  expect(written).toHaveLength(100);
});

test('a stream that was ended or destroyed meanwhile is passed over', async () => {
  const { cork, flush } = createCorks();
  const written: string[] = [];
  const [ended, destroyed, open] = ['ended', 'destroyed', 'open'].map((name) => slowStream(written, name, 0)) as [
    Writable,
    Writable,
    Writable,
  ];
  destroyed.on('error', () => {});
  for (const stream of [ended, destroyed, open]) {
    cork(stream);
    stream.write('!');
  }
  ended.end();
  destroyed.destroy();
  flush();
  expect(written).toEqual(['ended!', 'open!']);
});
