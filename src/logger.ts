import pino, { type Logger } from 'pino';
import type { Log } from './contract/log-names.ts';

/** Writes to stdout. Pretty printing runs in this process, so that nothing is lost at exit. */
export async function createLogger(level: string, format: 'pretty' | 'json'): Promise<Logger> {
  if (format === 'json') return pino({ level, base: null });
  const { default: pretty } = await import('pino-pretty');
  return pino(
    { level, base: null },
    pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true, sync: true }),
  );
}

/** The narrow port that the parts log through. */
export function toLog(logger: Logger): Log {
  return {
    debug: (name, fields) => logger.debug(fields, name),
    info: (name, fields) => logger.info(fields, name),
    warn: (name, fields) => logger.warn(fields, name),
    error: (name, fields) => logger.error(fields, name),
    isDebug: () => logger.isLevelEnabled('debug'),
  };
}
