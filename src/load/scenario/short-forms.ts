import type { StepName } from '../steps/index.ts';

/** The key whose value a step has when it is not an object: `join: lobby` is `join: { room: lobby }`. */
export const SHORT: Partial<Record<StepName, string>> = {
  join: 'room',
  leave: 'room',
  switch: 'protocolId',
  revoke: 'user',
  kick: 'user',
  think: 'value',
  log: 'value',
  function: 'value',
  loop: 'steps',
  parallel: 'steps',
};
