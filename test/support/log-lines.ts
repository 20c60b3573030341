import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import type { LogName } from '../../src/contract/log-names.ts';
import { type Deadline, until } from './until.ts';

export interface LogLine extends Record<string, unknown> {
  level: number;
  time: number;
  msg: string;
}

/** A pino logger whose lines, parsed, a test can read and wait for. */
export class LogLines {
  readonly lines: LogLine[] = [];
  readonly logger: Logger;

  constructor(level = 'debug') {
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        for (const line of String(chunk).trimEnd().split('\n')) this.lines.push(JSON.parse(line));
        done();
      },
    });
    this.logger = pino({ level }, stream);
  }

  /** The lines of this name so far. */
  of(msg: LogName): LogLine[] {
    return this.lines.filter((line) => line.msg === msg);
  }

  /** The first line of this name (that `match` accepts), now or soon. */
  async next(msg: LogName, options: Deadline & { match?: (line: LogLine) => boolean } = {}): Promise<LogLine> {
    const { match = () => true, ...deadline } = options;
    return until(() => this.of(msg).find(match), { what: `a log line "${msg}"`, ...deadline });
  }
}
