import pino, { type Logger } from 'pino';
import type { Log } from './contract/log-names.ts';
import { escapeControls, escapeHidden } from './contract/printable.ts';

/** What may wait for a reader of the log that is slower than the server: more would fill the memory. */
const MAX_WAITING_BYTES = 1_048_576;

/** Writes to stdout, one JSON object or one line for people each. Never waits for whoever reads it. */
export async function createLogger(level: string, format: 'pretty' | 'json'): Promise<Logger> {
  return createLoggerInto(await createLogSink(format), level);
}

/** @param base what stands in every line */
export function createLoggerInto(sink: LogSink, level: string, base: object | null = null): Logger {
  return pino({ level, base: base as null }, sink);
}

/** Takes a log, a line of JSON at a time. */
export interface LogSink {
  write(line: string): void;
}

/** stdout, as a sink that never waits. */
export async function createLogSink(format: 'pretty' | 'json'): Promise<LogSink> {
  return createStdoutSink(format === 'json' ? (line) => line : await createPrettyRenderer());
}

/** Runs in this process, so that nothing is lost at exit. */
async function createPrettyRenderer(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  return (line) => pretty(disarm(line.trimEnd()));
}

/** What clients say may be in a line, as in the message of an error: as JSON it obeys nobody, once it is unpacked it would. */
function disarm(line: string): unknown {
  try {
    return JSON.parse(line, (_key, value: unknown) => (typeof value === 'string' ? escapeControls(value) : value));
  } catch {
    // What is no JSON gets a line end of its own.
    return line;
  }
}

/**
 * pino's own destination writes synchronously: the event loop would stand still while the disk is full or a reader stalls.
 * Node's stream waits in memory instead; what exceeds the bound is dropped and counted in the log itself.
 */
function createStdoutSink(render: (line: string) => string): LogSink {
  let dropped = 0;
  return {
    write(line) {
      surviveBrokenOutput();
      const { stdout } = process;
      if (stdout.writableLength > MAX_WAITING_BYTES) {
        dropped++;
        return;
      }
      if (dropped > 0) {
        const note = { level: 40, time: Date.now(), lines: dropped, msg: 'log.dropped' };
        dropped = 0;
        stdout.write(render(`${JSON.stringify(note)}\n`));
      }
      stdout.write(escapeHidden(render(line)));
    },
  };
}

let isSurviving = false;

/** A log that cannot be written is said once, and ends nothing. */
function surviveBrokenOutput(): void {
  if (isSurviving) return;
  isSurviving = true;
  const { stdout, stderr } = process;
  stderr.on('error', () => {});
  let isTold = false;
  stdout.on('error', ({ message }) => {
    if (!isTold) stderr.write(`warning: the log cannot be written (${message}): the server goes on without it\n`);
    isTold = true;
  });
}

/** The narrow port that the parts log through. */
export function toLog(logger: Logger): Log {
  return {
    debug: (name, fields) => logger.debug(fields, name),
    info: (name, fields) => logger.info(fields, name),
    warn: (name, fields) => logger.warn(fields, name),
    error: (name, fields) => logger.error(fields, name),
    isInfo: () => logger.isLevelEnabled('info'),
    isDebug: () => logger.isLevelEnabled('debug'),
  };
}
