import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { compactListeners } from '../../src/core/compact-listeners.ts';

test('an emitter works after its listeners were compacted as it did before', () => {
  const emitter = new EventEmitter();
  const heard: string[] = [];
  const hear = (name: string) => () => void heard.push(name);
  const second = hear('a2');
  emitter.on('a', hear('a1')).on('a', second).once('b', hear('b'));
  compactListeners(emitter);
  emitter.on('c', hear('c')).on('__proto__', hear('proto'));
  for (const name of ['a', 'b', 'b', 'c', '__proto__', 'constructor']) emitter.emit(name);
  expect(heard).toEqual(['a1', 'a2', 'b', 'c', 'proto']);
  emitter.off('a', second);
  expect(emitter.eventNames()).toEqual(['a', 'c', '__proto__']);
  emitter.removeAllListeners();
  expect([emitter.emit('a'), emitter.eventNames()]).toEqual([false, []]);
  compactListeners(emitter);
  emitter.on('a', second).emit('a');
  expect(heard.at(-1)).toBe('a2');
});

test('listeners that go away while they are called do not keep others from being called', () => {
  const emitter = new EventEmitter();
  const heard: string[] = [];
  for (const name of ['a', 'b', 'c']) emitter.once('event', () => void heard.push(name));
  compactListeners(emitter);
  emitter.emit('event');
  expect(heard).toEqual(['a', 'b', 'c']);
});
