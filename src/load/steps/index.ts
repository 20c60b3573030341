import { broadcast } from './broadcast.ts';
import { climb } from './climb.ts';
import { closed } from './closed.ts';
import { cohort } from './cohort.ts';
import { disconnect, reconnect } from './come-and-go.ts';
import { connect } from './connect.ts';
import { callFunction, log, loop, parallel, think } from './control.ts';
import { kick, refresh, revoke } from './credentials.ts';
import { emit } from './emit.ts';
import { heartbeat, silence } from './heartbeat.ts';
import { publish } from './publish.ts';
import { receive, receiveNothing } from './receive.ts';
import { join, leave, switchProtocol } from './rooms.ts';
import type { Step } from './step.ts';
import { churn, restart, storm } from './turnover.ts';

/** Every step that a scenario may have, by its name in the file. */
export const STEP_NAMES = [
  'connect',
  'join',
  'leave',
  'switch',
  'emit',
  'publish',
  'receive',
  'receiveNothing',
  'heartbeat',
  'silence',
  'closed',
  'disconnect',
  'reconnect',
  'refresh',
  'revoke',
  'kick',
  'cohort',
  'broadcast',
  'churn',
  'storm',
  'restart',
  'climb',
  'think',
  'loop',
  'parallel',
  'log',
  'function',
] as const;

export type StepName = (typeof STEP_NAMES)[number];

export const STEPS: Readonly<Record<StepName, Step>> = {
  connect,
  join,
  leave,
  switch: switchProtocol,
  emit,
  publish,
  receive,
  receiveNothing,
  heartbeat,
  silence,
  closed,
  disconnect,
  reconnect,
  refresh,
  revoke,
  kick,
  cohort,
  broadcast,
  churn,
  storm,
  restart,
  climb,
  think,
  loop,
  parallel,
  log,
  function: callFunction,
};
