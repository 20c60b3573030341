import type { EmitRequest } from '../contract/emission.ts';
import { splitWords } from './words.ts';

/** `user:ID EVENT {"json": 1}` as a request, or what is wrong with it. */
export function toEmission(text: string): { request: EmitRequest } | { problem: string } {
  const groups = /^(?<target>"(?:[^"\\]|\\.)*"|\S+)(?:\s+(?<event>\S+)(?:\s+(?<payload>.+))?)?$/s.exec(
    text.trim(),
  )?.groups;
  const [target] = splitWords(groups?.['target'] ?? '');
  if (groups === undefined || target === undefined) return { problem: 'emit to whom? :emit user:ID EVENT {"json": 1}' };
  const to = toTarget(target);
  if (to === undefined) return { problem: `"${target}" is none of user:ID, room:NAME, socket:ID and all` };
  const { event, payload } = groups;
  if (event === undefined) return { problem: 'emit which event? :emit user:ID EVENT {"json": 1}' };
  try {
    return {
      request: {
        event,
        ...(to !== 'all' && { to }),
        ...(payload !== undefined && { payload: JSON.parse(payload) as unknown }),
      },
    };
  } catch (error) {
    return { problem: `the payload is not JSON: ${(error as Error).message}` };
  }
}

function toTarget(text: string): NonNullable<EmitRequest['to']> | 'all' | undefined {
  if (text === 'all') return 'all';
  const groups = /^(?<kind>user|room|socket):(?<name>.+)$/s.exec(text)?.groups;
  const name = groups?.['name'];
  if (name === undefined) return undefined;
  const { kind } = groups as { kind: 'user' | 'room' | 'socket' };
  return { user: { users: [name] }, room: { rooms: [name] }, socket: { sockets: [name] } }[kind];
}
