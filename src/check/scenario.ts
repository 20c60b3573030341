import type { ScenarioContext } from './context.ts';

export const SPECS = ['realtime-events', 'websocket-server'] as const;
export type SpecName = (typeof SPECS)[number];

/** One scenario of the specifications, described: nothing here runs by itself. */
export interface Scenario {
  /** As the specification has it. */
  readonly title: string;
  readonly spec: SpecName;
  readonly requirement: string;
  /** What the check does. */
  readonly does: string;
  /** What has to be seen for it to pass. */
  readonly expects: string;
  /** Waits for something that takes its time: started first, so that the rest runs meanwhile. */
  readonly isSlow?: true;
  /** Throws at the first expectation that does not hold, or says why it cannot be tried. */
  run(context: ScenarioContext): Promise<void>;
}

export type Status = 'passed' | 'failed' | 'not tried';

/** What came of one scenario: plain data, for the terminal, for JSON and for JUnit alike. */
export interface Result {
  scenario: string;
  spec: SpecName;
  requirement: string;
  status: Status;
  /** Of a failure: what was expected where it failed. */
  expected: string;
  seen: string;
  /** Of a failure: what was looked at. Of one that was not tried: the reason. */
  why: string;
  durationMs: number;
}

export interface Report {
  /** Of the server that was checked. */
  url: string;
  passed: number;
  failed: number;
  notTried: number;
  durationMs: number;
  results: Result[];
}
